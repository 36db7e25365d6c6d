"""What signing up means here: a person, and a household of their own."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext

from budget.users.models import User
from budget.users.services import household_create


class AccountAdapter(DefaultAccountAdapter):
    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: Any, commit: bool = True
    ) -> AbstractBaseUser:
        """Save someone who signs up, with a first household unless they come by invitation."""
        with transaction.atomic():
            super().save_user(request, user, form, commit)
            if not request.session.get("invitation"):
                household_create(name=gettext("My household"), owner=cast(User, user))
        return user
