"""The pages of people: who owes whom, and what brought that about."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from budget.balances.person_selectors import people_table, person_history
from budget.balances.selectors import person_position
from budget.balances.settling import (
    StillOpen,
    person_delete,
    person_settle,
    person_unsettle,
    settling_wallet,
)
from budget.core.forms import SubmittedForm
from budget.core.guards import ChangedMeanwhile, Refused
from budget.core.http import Undo, back, done, refused, render_page
from budget.core.money import money_format
from budget.core.tenancy import reverse
from budget.people.forms import PersonForm
from budget.people.models import Person
from budget.people.services import person_create, person_update
from budget.transactions.closing import ClosedDays
from budget.transactions.models import Kind, Transaction
from budget.users.access import current_user, requires
from budget.users.models import Role
from budget.wallets.models import Wallet


@require_safe
def person_list(request: HttpRequest) -> HttpResponse:
    return render_page(
        request, "people/person_list.html", {"table": people_table(request.GET)}, partial="people"
    )


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A person with all the lines that name them, also once they are removed.

    `?line=ID` shows one of these lines, marked.
    """
    person = get_object_or_404(Person.objects.all(), pk=pk)
    position = person_position(person)
    wallets = list(Wallet.objects.open()[:2])
    return render_page(
        request,
        "people/person_detail.html",
        {
            "person": person,
            "position": position,
            "history": person_history(person, position, request.GET),
            "wallet": settling_wallet(person) if position.is_open and len(wallets) > 1 else None,
            "submission": uuid.uuid4(),
            "closed": ClosedDays(),
        },
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def add(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, PersonForm.for_new())
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    person = person_create(**form.contact(), submission=form.cleaned_data["submission"])
    return done(
        request,
        _("Person “%(name)s” added.") % {"name": person.name},
        to=back(request, reverse("person_detail", person.pk)),
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    people = Person.objects.all() if request.method == "POST" else Person.objects.active()
    person = get_object_or_404(people, pk=pk)
    if request.method != "POST":
        return _form(request, PersonForm.for_person(person))
    form = PersonForm(request.POST, person=person)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        person = person_update(
            person=person, version=form.cleaned_data["version"], **form.contact()
        )
    except ChangedMeanwhile as conflict:
        return _form(request, form, conflict=conflict, status=409)
    return done(
        request,
        _("Person “%(name)s” saved.") % {"name": person.name},
        to=back(request, reverse("person_detail", pk)),
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person.objects.active(), pk=pk)
    if request.method != "POST":
        position = person_position(person)
        refusal = StillOpen(person, position) if position.is_open else None
        return _delete_form(request, person, named=bool(position.count), refusal=refusal)
    try:
        person_delete(person=person)
    except StillOpen as refusal:
        return _delete_form(request, person, named=True, refusal=refusal, status=409)
    return done(
        request,
        _("Person “%(name)s” deleted.") % {"name": person.name},
        to=reverse("person_list"),
        leave=True,
    )


def _delete_form(
    request: HttpRequest,
    person: Person,
    *,
    named: bool,
    refusal: StillOpen | None,
    status: int = 200,
) -> HttpResponse:
    return render_page(
        request,
        "people/person_delete.html",
        {
            "title": _("Delete %(name)s") % {"name": person.name},
            "person": person,
            "named": named,
            "refusal": refusal,
        },
        partial="dialog",
        status=status,
    )


@require_POST
@requires(Role.EDITOR)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Book what is open with a person as paid back today."""
    person = get_object_or_404(Person.objects.all(), pk=pk)
    form = SubmittedForm(request.POST)
    form.is_valid()
    page = back(request, reverse("person_detail", pk))
    try:
        settlement = person_settle(
            person=person,
            submission=form.cleaned_data["submission"],
            created_by=current_user(request),
        )
    except Refused as refusal:
        return refused(request, refusal, to=page)
    return done(
        request,
        _settled_words(person, settlement.lines),
        to=page,
        undo=Undo(reverse("person_unsettle"), settlement.undo),
    )


def _settled_words(person: Person, lines: list[Transaction]) -> str:
    amounts = {line.kind: money_format(line.amount) for line in lines}
    words = {"name": person.name} | amounts
    if len(amounts) == 2:
        text = _("Settled with %(name)s: %(collect)s collected, %(repay)s repaid.")
    elif Kind.COLLECT in amounts:
        text = _("Settled with %(name)s: %(collect)s collected.")
    else:
        text = _("Settled with %(name)s: %(repay)s repaid.")
    return text % words


@require_POST
@requires(Role.EDITOR)
def unsettle(request: HttpRequest) -> HttpResponse:
    """Take a settlement back."""
    try:
        person = person_unsettle(token=request.POST.get("token", ""))
    except Refused as refusal:
        return refused(request, refusal, to=back(request, reverse("person_list")))
    page = reverse("person_detail", person.pk) if person else reverse("person_list")
    return done(request, _("What was booked is taken back."), to=back(request, page))


def _form(
    request: HttpRequest,
    form: PersonForm,
    *,
    conflict: ChangedMeanwhile | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form. `conflict` has what somebody else saved meanwhile."""
    person = form.person
    return render_page(
        request,
        "people/person_form.html",
        {
            "title": _("Edit %(name)s") % {"name": person.name} if person else _("New person"),
            "form": form,
            "person": person,
            "conflict": conflict,
        },
        partial="dialog",
        status=status,
    )
