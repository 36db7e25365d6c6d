"""Who uses the site, and which households they belong to.

These tables decide a request's scope, so they are read before there is one: they carry no
household policy themselves (docs/adr/0001). What a household owns lies in the other apps.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any, ClassVar

from babel.numbers import list_currencies
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from budget.core.money import DEFAULT_CURRENCY

INVITATION_LIFE = dt.timedelta(days=14)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who signs in by email. `password` None makes one who cannot sign in."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(_("email address"), unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    language = models.CharField(
        _("language"),
        max_length=2,
        blank=True,
        choices=[("", _("The browser's")), ("fr", "Français"), ("en", "English")],
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("back office"), default=False)
    date_joined = models.DateTimeField(_("signed up"), default=timezone.now, editable=False)
    # Where `/` leads. A slug and not a key: the household may go, or its membership.
    last_household = models.SlugField(max_length=60, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="users_user_email_any_case"),
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name or self.email.partition("@")[0]


def validate_currency(code: str) -> None:
    """Raise ValidationError unless `code` is a currency of ISO 4217."""
    if code not in list_currencies():
        raise ValidationError(_("%(code)s is not a currency code."), params={"code": code})


class Household(models.Model):
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    currency = models.CharField(
        _("currency"), max_length=3, default=DEFAULT_CURRENCY, validators=[validate_currency]
    )
    month_start_day = models.PositiveSmallIntegerField(
        _("first day of the month"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(28)],
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    # Another number whenever anything of the household has changed, always a higher one. The
    # database raises it; what is written here is not taken.
    revision = models.BigIntegerField(default=0, db_default=0, editable=False)
    members = models.ManyToManyField(User, through="Membership", related_name="households")

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(month_start_day__range=(1, 28)),
                name="users_household_month_start_day_1_to_28",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    VIEWER = "viewer", _("Viewer")


class Membership(models.Model):
    household = models.ForeignKey(
        Household,
        models.DB_CASCADE,
        related_name="memberships",
        verbose_name=_("household"),
    )
    user = models.ForeignKey(
        User, models.DB_CASCADE, related_name="memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=6, choices=Role)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)
    # The key of the form by which its founder made the household: sent twice, it makes one.
    submission = models.UUIDField(null=True, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household", "user"], name="users_membership_once"),
            models.UniqueConstraint(
                fields=["user", "submission"], name="users_membership_submitted_once"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="users_membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.household}"


def invitation_token() -> str:
    return secrets.token_urlsafe(32)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> InvitationQuerySet:
        """Neither accepted nor expired."""
        return self.filter(accepted_at=None, created_at__gt=timezone.now() - INVITATION_LIFE)


class Invitation(models.Model):
    household = models.ForeignKey(
        Household,
        models.DB_CASCADE,
        related_name="invitations",
        verbose_name=_("household"),
    )
    email = models.EmailField(_("email address"))
    role = models.CharField(
        _("role"),
        max_length=6,
        choices=[(role.value, role.label) for role in (Role.EDITOR, Role.VIEWER)],
        default=Role.EDITOR,
    )
    token = models.CharField(max_length=64, unique=True, default=invitation_token, editable=False)
    invited_by = models.ForeignKey(
        User, models.DB_CASCADE, related_name="+", verbose_name=_("invited by")
    )
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints: ClassVar = [
            models.UniqueConstraint(
                "household",
                Lower("email"),
                condition=models.Q(accepted_at=None),
                name="users_invitation_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.household}"

    @property
    def expires_at(self) -> dt.datetime:
        return self.created_at + INVITATION_LIFE

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()
