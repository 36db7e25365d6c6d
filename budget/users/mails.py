"""The mails that are ours and not allauth's."""

import logging

from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import gettext

from budget.core.tenancy import reverse
from budget.users.models import Invitation

logger = logging.getLogger(__name__)


def invitation_send(request: HttpRequest, invitation: Invitation) -> bool:
    """Mail an invitation in the language of whoever invites. Returns whether it left."""
    host = invitation.invited_by.get_full_name()
    subject = gettext("%(host)s invites you to the household “%(household)s”") % {
        "host": host,
        "household": invitation.household.name,
    }
    text = render_to_string(
        "users/email/invitation.txt",
        {
            "invitation": invitation,
            "host": host,
            "until": date_format(invitation.expires_at, "DATE_FORMAT"),
            "url": request.build_absolute_uri(reverse("invitation", invitation.token)),
        },
    )
    try:
        # A household's name is on one line by its form; the database does not ask for it.
        EmailMessage(" ".join(subject.splitlines()), text.strip(), to=[invitation.email]).send()
    except OSError:
        logger.exception("An invitation could not be sent.")
        return False
    return True
