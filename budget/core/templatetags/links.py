"""`{% url %}` for a site whose pages live below the active household's address."""

from typing import Any

from django import template
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as parse_url
from django.urls import NoReverseMatch

from budget.core.tenancy import reverse

register = template.Library()


class HouseholdURLNode(URLNode):
    """Django's node, except that it reverses with `core.tenancy.reverse`."""

    def render(self, context: template.Context) -> str:
        args = [arg.resolve(context) for arg in self.args]
        kwargs: dict[str, Any] = {key: arg.resolve(context) for key, arg in self.kwargs.items()}
        try:
            address = reverse(self.view_name.resolve(context), *args, **kwargs)
        except NoReverseMatch:
            if self.asvar is None:
                raise
            address = ""
        if self.asvar:
            context[self.asvar] = address
            return ""
        return address


@register.tag
def url(parser: Parser, token: Token) -> HouseholdURLNode:
    """The address of a view: `{% url 'goal_edit' goal.pk %}`. No household is ever passed."""
    node = parse_url(parser, token)
    return HouseholdURLNode(node.view_name, node.args, node.kwargs, node.asvar)
