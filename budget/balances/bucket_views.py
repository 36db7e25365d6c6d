"""The pages of envelopes. All but the list and an envelope's own page open in the dialog."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from budget.balances.bucket_selectors import bucket_history, bucket_lines, buckets_now
from budget.balances.charts import balance_line
from budget.balances.closing import (
    Closing,
    bucket_close,
    bucket_delete,
    holder_reopen,
)
from budget.balances.selectors import bucket_balance
from budget.buckets.forms import BucketForm, SharesForm
from budget.buckets.models import Bucket
from budget.buckets.services import (
    bucket_create,
    bucket_update,
    buckets_share,
    buckets_start,
)
from budget.core.forms import ClosingForm
from budget.core.guards import (
    ChangedMeanwhile,
    ClosedHolder,
    GoneMeanwhile,
    Refused,
    SharesExceed,
)
from budget.core.holders import HolderNameTaken
from budget.core.http import Undo, back, done, redirect, refused, render_page
from budget.core.money import money_format
from budget.core.tenancy import reverse
from budget.users.access import current_user, requires
from budget.users.models import Role


@require_safe
def bucket_list(request: HttpRequest) -> HttpResponse:
    """What the money is for: every envelope, and how much of the incomes is divided."""
    return render_page(request, "buckets/bucket_list.html", {"now": buckets_now()})


@require_POST
@requires(Role.EDITOR)
def start(request: HttpRequest) -> HttpResponse:
    """Begin with five envelopes that are ready."""
    to = reverse("bucket_list")
    try:
        made = buckets_start()
    except Refused as refusal:
        return refused(request, refusal, to=to)
    names = ", ".join(bucket.name for bucket in made)
    return done(request, _("Envelopes added: %(names)s.") % {"names": names}, to=to)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """An envelope, closed or not: what it holds, and what moved it."""
    bucket = _bucket(pk)
    history = bucket_history(bucket)
    return render_page(
        request,
        "buckets/bucket_detail.html",
        {
            "bucket": bucket,
            "held": bucket_balance(bucket),
            "history": history,
            "present": history[-1],
            "line": balance_line(history),
            "lines": bucket_lines(bucket),
            "categories": bucket.categories.filter(retired_at=None),
        },
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def add(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, BucketForm())
    form = BucketForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        bucket = bucket_create(submission=form.cleaned_data["submission"], **form.values())
    except Refused as refusal:
        return _refused_form(request, form, refusal)
    said = _("Envelope “%(name)s” added.") % {"name": bucket.name}
    return done(request, said, to=back(request, reverse("bucket_list")))


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    bucket = _bucket(pk)
    if not bucket.is_open:
        raise ClosedHolder(bucket.name)
    if request.method != "POST":
        return _form(request, BucketForm(holder=bucket))
    form = BucketForm(request.POST, holder=bucket)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        bucket = bucket_update(bucket=bucket, version=form.cleaned_data["version"], **form.values())
    except ChangedMeanwhile as conflict:
        return _form(request, form, conflict=conflict, status=409)
    except Refused as refusal:
        return _refused_form(request, form, refusal)
    said = _("Envelope “%(name)s” saved.") % {"name": bucket.name}
    return done(request, said, to=back(request, reverse("bucket_list")))


def _refused_form(request: HttpRequest, form: BucketForm, refusal: Refused) -> HttpResponse:
    """The form with the reason beside the field that it is about."""
    field = {HolderNameTaken: "name", SharesExceed: "share"}.get(type(refusal))
    form.add_error(field, str(refusal))
    return _form(request, form, status=409)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def shares(request: HttpRequest) -> HttpResponse:
    """Divide incomes anew: the shares of all envelopes at once."""
    buckets = Bucket.objects.open()
    if not buckets and request.method == "POST":
        return refused(request, GoneMeanwhile(), to=reverse("bucket_list"))
    if not buckets:
        return redirect("bucket_list")
    if request.method != "POST":
        return _shares_form(request, SharesForm(buckets=buckets))
    form = SharesForm(request.POST, buckets=buckets)
    if not form.is_valid():
        return _shares_form(request, form, status=422)
    try:
        buckets_share(shares=form.shares(), seen=form.seen)
    except ChangedMeanwhile as conflict:
        renewed = form.renewed(conflict.current)
        return _shares_form(request, renewed, conflict=conflict, status=409)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _shares_form(request, form, status=409)
    said = _("Shares saved: incomes can be spread.")
    if left := form.sum().left:
        said = _("Shares saved: %(left)s%% are unallocated.") % {"left": left}
    return done(request, said, to=back(request, reverse("bucket_list")))


@require_safe
@requires(Role.EDITOR)
def shares_sum(request: HttpRequest) -> HttpResponse:
    """What the shares being typed add up to."""
    form = SharesForm(request.GET, buckets=Bucket.objects.open())
    form.is_valid()
    return render_page(request, "buckets/_sum.html", {"sum": form.sum()})


def _shares_form(
    request: HttpRequest,
    form: SharesForm,
    *,
    conflict: ChangedMeanwhile | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": _("Shares of incomes"),
        "form": form,
        "sum": form.sum(),
        "conflict": conflict,
    }
    return render_page(
        request, "buckets/bucket_shares.html", context, partial="dialog", status=status
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an envelope, and move what is left in it."""
    bucket = _bucket(pk)
    data = request.POST if request.method == "POST" else None
    others = Bucket.objects.open().exclude(pk=pk)
    form = ClosingForm(data, others=others, nowhere=_("Unassigned"))
    if data is None:
        return _closing(request, bucket, form)
    if not form.is_valid():
        return _closing(request, bucket, form, status=422)
    try:
        closing = bucket_close(
            bucket=bucket, into=form.cleaned_data["into"], created_by=current_user(request)
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _closing(request, bucket, form, status=409)
    undo = Undo(reverse("bucket_reopen", pk), closing.undo) if closing else None
    return done(request, _closed_words(bucket, closing), to=reverse("bucket_list"), undo=undo)


def _closed_words(bucket: Bucket, closing: Closing[Bucket | None] | None) -> str:
    """What became of what the envelope held, or lacked."""
    if closing is None:  # It was closed before, by this very form perhaps.
        return _("Envelope “%(name)s” is closed.") % {"name": bucket.name}
    other, gave = closing.into, closing.moved > 0
    if not closing.moved:
        text = _("Envelope “%(name)s” closed: it held nothing.")
    elif gave and other:
        text = _("Envelope “%(name)s” closed: its %(amount)s went to “%(other)s”.")
    elif gave:
        text = _("Envelope “%(name)s” closed: its %(amount)s is unassigned now.")
    elif other:
        text = _("Envelope “%(name)s” closed: the %(amount)s it lacked came from “%(other)s”.")
    else:
        text = _(
            "Envelope “%(name)s” closed: the %(amount)s it lacked came from what is unassigned."
        )
    return text % {
        "name": bucket.name,
        "amount": money_format(abs(closing.moved)),
        "other": other.name if other else "",
    }


def _closing(
    request: HttpRequest, bucket: Bucket, form: ClosingForm, *, status: int = 200
) -> HttpResponse:
    held = bucket_balance(bucket)
    if held.balance < 0:
        form.fields["into"].label = _("What is missing comes from")
    context = {
        "title": _("Close “%(name)s”") % {"name": bucket.name},
        "form": form,
        "bucket": bucket,
        "held": held,
        "categories": bucket.categories.filter(retired_at=None),
    }
    return render_page(
        request, "buckets/bucket_close.html", context, partial="dialog", status=status
    )


@require_POST
@requires(Role.EDITOR)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a closed envelope again; with the `token` of its closing, what was moved comes back."""
    bucket = _bucket(pk)
    to = back(request, reverse("bucket_list"))
    try:
        holder_reopen(bucket, token=request.POST.get("token", ""))
    except Refused as refusal:
        return refused(request, refusal, to=to)
    return done(request, _("Envelope “%(name)s” is open again.") % {"name": bucket.name}, to=to)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an envelope that was never used."""
    bucket = _bucket(pk)
    if request.method != "POST":
        return _deletion(request, bucket)
    try:
        bucket_delete(bucket=bucket)
    except Refused as refusal:
        return _deletion(request, bucket, refusal=refusal, status=409)
    said = _("Envelope “%(name)s” deleted.") % {"name": bucket.name}
    return done(request, said, to=reverse("bucket_list"), leave=True)


def _deletion(
    request: HttpRequest, bucket: Bucket, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "title": _("Delete “%(name)s”") % {"name": bucket.name},
        "bucket": bucket,
        "held": bucket_balance(bucket),
        "refusal": refusal,
    }
    return render_page(
        request, "buckets/bucket_delete.html", context, partial="dialog", status=status
    )


def _bucket(pk: int) -> Bucket:
    return get_object_or_404(Bucket, pk=pk)


def _form(
    request: HttpRequest,
    form: BucketForm,
    *,
    conflict: ChangedMeanwhile | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form. `conflict` has what somebody else saved meanwhile."""
    context = {
        "title": _("Edit the envelope") if form.holder else _("New envelope"),
        "form": form,
        "bucket": form.holder,
        "conflict": conflict,
    }
    return render_page(
        request, "buckets/bucket_form.html", context, partial="dialog", status=status
    )
