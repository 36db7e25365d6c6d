"""Page or partial: the one place that decides, and how a write answers.

A view renders with `render_page`, names the partial that HTMX may have instead, and after a write
returns `done(…)`. Nothing else reads `request.htmx`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme

from budget.core.guards import Refused
from budget.core.tenancy import reverse

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


def _wants_partial(request: HttpRequest) -> bool:
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    partial: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or for an HTMX request its partial `template#partial`.

    The view names the partial; it is never derived from what the client sent. A boosted request
    and a restored history entry want the whole page. An invalid form answers with status 422.
    """
    if partial and _wants_partial(request):
        template = f"{template}#{partial}"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    return response


def in_dialog(response: HttpResponse) -> HttpResponse:
    """The answer to a button of the page that cannot be pressed without another question: HTMX
    shows it in the dialog, whatever the button had in mind for its answer.
    """
    response["HX-Retarget"] = "#dialog-body"
    response["HX-Reswap"] = "innerHTML"
    return response


@dataclass(frozen=True, slots=True)
class Undo:
    """A write that can be taken back: the address to post to, and the signed token to post."""

    url: str
    token: str


def done(
    request: HttpRequest,
    message: str,
    *,
    to: str,
    undo: Undo | None = None,
    again: HttpResponse | None = None,
    leave: bool = False,
    care: bool = False,
) -> HttpResponse:
    """The answer to a write that went well.

    Without JavaScript: redirect to the address `to`, with the message on top. For HTMX: close the
    dialog, let the page ask for itself again (the event `ledger-changed`), and show the message as
    a toast; with `leave` go to `to` instead, because the present page is no longer there. `undo`
    puts a button beside the message. `again` is shown in the dialog instead of closing it ("save
    and add another"). With `care` the message is a warning, and stays until it is dismissed.
    """
    level = messages.WARNING if care else messages.SUCCESS
    notice = render_to_string("_notice.html", {"message": message, "undo": undo}, request)
    if not _wants_partial(request) or leave:
        messages.add_message(request, level, notice)
        if _wants_partial(request):
            return HttpResponse(status=204, headers={"HX-Redirect": to})
        return HttpResponseRedirect(to)
    response = again or HttpResponse()
    response.write(render_to_string("_toast.html", {"notice": Message(level, notice)}, request))
    events = ["ledger-changed"] if again else ["ledger-changed", "dialog-close"]
    response["HX-Trigger"] = ", ".join(events)
    return response


def in_place(
    request: HttpRequest, template: str, context: dict[str, Any], *, to: str, event: str = ""
) -> HttpResponse:
    """The answer to a write that shows where it was made, and needs no words.

    Without JavaScript: redirect to the address `to`. For HTMX: the piece that takes the place of
    what was pressed, and the `event` that tells the rest of the page.
    """
    if not _wants_partial(request):
        return HttpResponseRedirect(to)
    response = render(request, template, context)
    if event:
        response["HX-Trigger"] = event
    return response


def refused(request: HttpRequest, error: Refused, *, to: str) -> HttpResponse:
    """The answer to a write that was refused where no form can say so: a button's.

    Without JavaScript: redirect to the address `to`, with the reason on top. For HTMX: the reason
    as a toast that stays, with status 409, and the page asks for itself again, since it showed a
    button that has no longer anything to do.
    """
    if not _wants_partial(request):
        messages.warning(request, str(error))
        return HttpResponseRedirect(to)
    notice = Message(messages.WARNING, str(error))
    response = render(request, "_toast.html", {"notice": notice}, status=409)
    response["HX-Trigger"] = "ledger-changed"
    return response


def redirect(viewname: str, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
    """Redirect to a view by name, in the active household where it lives there."""
    return HttpResponseRedirect(reverse(viewname, *args, **kwargs))


def back(request: HttpRequest, default: str) -> str:
    """The address in the form's `next` field where it is one of ours, else `default`.

    Any other site's address is ignored, so that the field cannot send people elsewhere. It comes
    quoted, fit for a header.
    """
    url = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()):
        return iri_to_uri(url)
    return default


def login_redirect(request: HttpRequest) -> HttpResponseBase:
    """Send an anonymous visitor to the login page, and back here afterwards.

    An HTMX request (a stale tab whose session ended) makes the browser go there: the login page
    must not end up inside a dialog. It comes back to the page, not to the fragment.
    """
    if not _wants_partial(request):
        return redirect_to_login(request.get_full_path())
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    try:
        current = urlsplit(htmx.current_url_abs_path or "/").path
    except ValueError:  # No address at all: htmx did not send this.
        current = "/"
    return HttpResponse(status=204, headers={"HX-Redirect": redirect_to_login(current).url})
