"""The first administrator of a fresh installation, from the environment."""

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import connection, transaction

from budget.users.models import User


class Command(BaseCommand):
    help = (
        "Make the first administrator from SUPERUSER_EMAIL and SUPERUSER_PASSWORD "
        "(or SUPERUSER_PASSWORD_FILE). Where there is an administrator already, do nothing."
    )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            # Several servers may start at once.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ensure_superuser'))")
        present = User.objects.filter(is_superuser=True).order_by("pk").first()
        if present:
            self.stdout.write(f"There is an administrator already: {present.email}.")
            return
        email, password = self.credentials()
        if User.objects.filter(email=email).exists():
            # Whoever it is may have signed up with the address before we ran.
            raise CommandError(
                f"{email} has an account already, and nothing shows whose. "
                "Set SUPERUSER_EMAIL to another address."
            )
        user = User.objects.create_superuser(email, password)
        # Whoever sets the environment vouches for the address: mail may not work yet.
        EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
        self.stdout.write(self.style.SUCCESS(f"{email} is the administrator, at /admin/."))

    def credentials(self) -> tuple[str, str]:
        email, password = settings.SUPERUSER_EMAIL.strip().lower(), settings.SUPERUSER_PASSWORD
        missing = [
            name
            for name, value in (("SUPERUSER_EMAIL", email), ("SUPERUSER_PASSWORD", password))
            if not value
        ]
        if missing:
            raise CommandError(f"Set {' and '.join(missing)} in the environment.")
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"SUPERUSER_EMAIL is not an address: {email}") from None
        try:
            validate_password(password, User(email=email))
        except ValidationError as error:
            reasons = " ".join(error.messages)
            raise CommandError(f"SUPERUSER_PASSWORD will not do. {reasons}") from None
        return email, password
