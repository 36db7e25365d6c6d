"""What signing up means here: a person, and a household of their own."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext

from budget.users.models import User
from budget.users.services import household_create


class AccountAdapter(DefaultAccountAdapter):
    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save someone who signs up, with a first household unless they come by invitation."""
        with transaction.atomic():
            super().save_user(request, user, form, commit)
            if not request.session.get("invitation"):
                household_create(name=gettext("My household"), owner=user)
        return user
