"""What `templates/django/forms/field.html` needs to draw a field with Bootstrap's controls.

The classes are given here and not in overridden widget templates: those are the admin's as well.
"""

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the field is one box to tick, with its label after it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's widget, as a control of this site."""
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        plain = widget.template_name.startswith("django/")
        choices = field.as_widget()
        return mark_safe(f'<div class="choices">{choices}</div>') if plain else choices  # noqa: S308 both parts are markup
    match widget:
        case forms.CheckboxInput():
            name = "form-check-input"
        case forms.Select():
            name = "form-select"
        case _ if widget.template_name == "forms/amount.html":
            name = ""
        case _:
            name = "form-control"
    own = str(widget.attrs.get("class", ""))
    classes = " ".join(filter(None, (name, own)))
    return field.as_widget(attrs={"class": classes} if classes else None)
