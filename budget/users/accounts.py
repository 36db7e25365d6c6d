"""What signing up means here, and how allauth's mail is sent."""

import logging
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext

from budget.users.models import User
from budget.users.selectors import invitation_carried
from budget.users.services import household_create

logger = logging.getLogger(__name__)

CONFIRMATION_SENT = "account/messages/email_confirmation_sent.txt"


class AccountAdapter(DefaultAccountAdapter):
    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: Any, commit: bool = True
    ) -> AbstractBaseUser:
        """Save someone who signs up, with a first household unless they come by invitation."""
        with transaction.atomic():
            super().save_user(request, user, form, commit)
            user = cast(User, user)
            if not self._was_invited(request, user.email):
                household_create(name=gettext("My household"), owner=user)
        return user

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """An invitation's link reached the address, so it need not be verified again."""
        return self._was_invited(request, email) or super().is_email_verified(request, email)

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """The address one signs in with stays; one that waits to be confirmed may go."""
        return email_address.email != email_address.user.email

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm, unless somebody has signed up with the address meanwhile."""
        others = User.objects.exclude(pk=email_address.user_id)
        if others.filter(email=email_address.email.lower()).exists():
            self.add_message(
                request,
                messages.ERROR,
                "account/messages/email_confirmation_failed.txt",
                {"email": email_address.email},
            )
            return False
        return super().confirm_email(request, email_address)

    def _was_invited(self, request: HttpRequest, email: str) -> bool:
        invitation = invitation_carried(request)
        return invitation is not None and invitation.email.lower() == email.lower()

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Tell, except that a mail was sent which `send_mail` has just told could not be."""
        if message_template == CONFIRMATION_SENT and hasattr(request, "mail_failed"):
            return
        super().add_message(request, level, message_template, *args, **kwargs)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send in the person's own language where they chose one.

        Where the mail server fails, the page says so instead of breaking: what was asked for has
        been done, and the mail can be asked for again.
        """
        language = getattr(context.get("user"), "language", "") or translation.get_language()
        try:
            with translation.override(language):
                super().send_mail(template_prefix, email, context)
        except OSError:
            logger.exception("The mail %s could not be sent.", template_prefix)
            request = allauth_context.request
            request.mail_failed = True
            messages.warning(
                request,
                gettext("The mail could not be sent. Try again in a few minutes."),
                fail_silently=True,
            )
