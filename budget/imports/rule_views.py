"""The pages of rules: the list in their order, the form, and what one changes of the past."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from budget.core.guards import ChangedMeanwhile, Refused
from budget.core.http import Undo, back, done, refused, render_page
from budget.core.ordering import moved_in_words
from budget.core.tenancy import reverse
from budget.imports.models import ImportLine, Rule
from budget.imports.past import UNDOABLE, Applied, past_restore
from budget.imports.rule_forms import RuleForm
from budget.imports.rule_selectors import (
    NAMED,
    like_ledger_line,
    like_statement_line,
    rule_rows,
    rule_tried,
    rules_read,
)
from budget.imports.rule_services import (
    Saved,
    rule_apply,
    rule_create,
    rule_delete,
    rule_move,
    rule_restore,
    rule_update,
)
from budget.imports.rule_words import conditions_in_words, rule_name
from budget.transactions.models import Transaction
from budget.users.access import requires
from budget.users.models import Role

#: A key as a parameter may name it; longer ones are none.
ID = re.compile(r"[0-9]{1,18}")


@require_safe
def rule_list(request: HttpRequest) -> HttpResponse:
    return render_page(request, "rules/rule_list.html", {"rows": rule_rows()})


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def add(request: HttpRequest) -> HttpResponse:
    """Add a rule. `?line=ID` prefills it from a line of a file, `?transaction=ID` from one of the
    ledger. Posted with `try` it is tried on the past and nothing is saved.
    """
    if request.method != "POST":
        return _form(request, RuleForm.for_new(**_likeness(request)))
    form = RuleForm(request.POST)
    if not form.is_valid() or "try" in request.POST:
        return _form(request, form, tried=True, status=200 if form.is_valid() else 422)
    data = form.cleaned_data
    try:
        saved = rule_create(submission=data["submission"], past=data["past"], **form.terms())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _form(request, form, status=409)
    return _saved(request, saved, _("Rule “%(name)s” added."))


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    rule = _rule(pk)
    if request.method != "POST":
        return _form(request, RuleForm.for_rule(rule))
    form = RuleForm(request.POST, rule=rule)
    if not form.is_valid() or "try" in request.POST:
        return _form(request, form, tried=True, status=200 if form.is_valid() else 422)
    data = form.cleaned_data
    try:
        saved = rule_update(rule=rule, version=data["version"], past=data["past"], **form.terms())
    except ChangedMeanwhile as conflict:
        return _form(request, form, conflict=conflict, status=409)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _form(request, form, status=409)
    return _saved(request, saved, _("Rule “%(name)s” saved."))


@require_safe
@requires(Role.EDITOR)
def trial(request: HttpRequest) -> HttpResponse:
    """What the rule that is being typed would change; `?rule=ID` is the one that is changed."""
    pk, rules = request.GET.get("rule", ""), rules_read()
    rule = next((each for each in rules if str(each.pk) == pk), None)
    form = RuleForm(request.GET, rule=rule)
    form.full_clean()
    return render_page(request, "rules/_trial.html", _trial(form, rules))


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a rule, at once: it can be undone. The page that GET shows is for want of scripts."""
    rule = _rule(pk)
    if request.method != "POST":
        context = {"title": _("Delete the rule"), "rule": rule, "says": conditions_in_words(rule)}
        return render_page(request, "rules/rule_delete.html", context, partial="dialog")
    return done(
        request,
        _("Rule “%(name)s” deleted.") % {"name": rule_name(rule)},
        to=reverse("rule_list"),
        undo=Undo(reverse("rule_restore"), rule_delete(rule=rule)),
    )


@require_POST
@requires(Role.EDITOR)
def restore(request: HttpRequest) -> HttpResponse:
    """Take a deletion back."""
    to = back(request, reverse("rule_list"))
    try:
        rule = rule_restore(token=request.POST.get("token", ""))
    except Refused as refusal:
        return refused(request, refusal, to=to)
    return done(request, _("Rule “%(name)s” is back.") % {"name": rule_name(rule)}, to=to)


@require_POST
@requires(Role.EDITOR)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a rule up in the order, or down with `to=down`."""
    rule = _rule(pk)
    to, up = reverse("rule_list"), request.POST.get("to") != "down"
    try:
        moved = rule_move(rule=rule, up=up)
    except Refused as refusal:
        return refused(request, refusal, to=to)
    return done(request, moved_in_words(rule_name(rule), up=up, moved=moved), to=to)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def past(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a rule would change of the past, and change it."""
    rule = _rule(pk)
    refusal = None
    if request.method == "POST":
        try:
            applied = rule_apply(rule=rule)
        except Refused as error:
            refusal = error
        else:
            return done(request, _applied(applied), to=reverse("rule_list"), undo=_undo(applied))
    context = {
        "title": _("Apply to the past"),
        "rule": rule,
        "says": conditions_in_words(rule),
        "tried": rule_tried(rule, rules_read()),
        "undoable": UNDOABLE,
        "refusal": refusal,
    }
    status = 409 if refusal else 200
    return render_page(request, "rules/rule_past.html", context, partial="dialog", status=status)


@require_POST
@requires(Role.EDITOR)
def past_back(request: HttpRequest) -> HttpResponse:
    """Take back what a rule changed of the past."""
    to = back(request, reverse("rule_list"))
    try:
        taken = past_restore(token=request.POST.get("token", ""))
    except Refused as refusal:
        return refused(request, refusal, to=to)
    said = ngettext(
        "%(number)d line is as it was.", "%(number)d lines are as they were.", taken.number
    ) % {"number": taken.number}
    if taken.left:
        left = ngettext(
            "%(number)d was changed since and stays.",
            "%(number)d were changed since and stay.",
            taken.left,
        )
        said = f"{said} {left % {'number': taken.left}}"
    return done(request, said, to=to, care=bool(taken.left))


def _rule(pk: int) -> Rule:
    return get_object_or_404(Rule.objects.select_related(*NAMED), pk=pk)


def _likeness(request: HttpRequest) -> dict[str, Any]:
    """What the form begins with: what the line says that it was opened from."""
    line, entry = request.GET.get("line", ""), request.GET.get("transaction", "")
    if ID.fullmatch(line):
        return like_statement_line(get_object_or_404(ImportLine.objects.all(), pk=int(line)))
    if ID.fullmatch(entry):
        entries = Transaction.objects.select_related("category")
        return like_ledger_line(get_object_or_404(entries, pk=int(entry)))
    return {}


def _saved(request: HttpRequest, saved: Saved, text: str) -> HttpResponse:
    """The answer to a rule that was saved: what it has done already, and the way back."""
    said = [text % {"name": rule_name(saved.rule)}]
    if saved.waiting:
        said.append(
            ngettext(
                "%(number)d line that waits to be imported follows it.",
                "%(number)d lines that wait to be imported follow it.",
                saved.waiting,
            )
            % {"number": saved.waiting}
        )
    if saved.past:
        said.append(_applied(saved.past))
    return done(
        request,
        " ".join(said),
        to=back(request, reverse("rule_list")),
        undo=_undo(saved.past) if saved.past else None,
    )


def _applied(applied: Applied) -> str:
    if not applied.number:
        return _("Nothing in the past had to change.")
    said = ngettext(
        "%(number)d line of the past changed.",
        "%(number)d lines of the past changed.",
        applied.number,
    )
    return said % {"number": applied.number}


def _undo(applied: Applied) -> Undo | None:
    return Undo(reverse("rule_past_restore"), applied.undo) if applied.undo else None


def _trial(form: RuleForm, rules: list[Rule]) -> dict[str, Any]:
    """What the template of a trial shows: nothing as long as the rule asks for nothing."""
    rule = Rule(pk=form.rule.pk if form.rule else None, **form.terms())
    tried = rule_tried(rule, rules) if form.can_be_tried else None
    return {"form": form, "tried": tried, "undoable": UNDOABLE}


def _form(
    request: HttpRequest,
    form: RuleForm,
    *,
    tried: bool = False,
    conflict: ChangedMeanwhile | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form, in the dialog or as a page; `tried` with what the rule would change."""
    context = {
        "title": _("Edit the rule") if form.rule else _("New rule"),
        "rule": form.rule,
        "conflict": conflict,
        "form": form,
    }
    if conflict and conflict.current:
        context["says"] = conditions_in_words(conflict.current)
    if tried:
        context |= _trial(form, rules_read())
    return render_page(request, "rules/rule_form.html", context, partial="dialog", status=status)
