"""The command behind `make messages`."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from budget.core.catalogue import (
    catalogue_read,
    catalogue_update,
    catalogue_write,
    texts_in,
    untranslated,
)


def source_folders() -> list[Path]:
    return [settings.BASE_DIR / "budget", settings.BASE_DIR / "templates"]


def catalogue_path(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


class Command(BaseCommand):
    help = (
        "Collect the texts to translate into the catalogue: new ones are added untranslated, "
        "those no longer used are removed."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        texts = list(texts_in(source_folders()))
        # The texts themselves are English.
        for language in (code for code, _name in settings.LANGUAGES if code != "en"):
            path = catalogue_path(language)
            before = catalogue_read(path, language)
            after = catalogue_update(before, iter(texts))
            catalogue_write(path, after)
            missing = untranslated(after)
            self.stdout.write(
                f"{path.relative_to(settings.BASE_DIR)}: {len(after)} texts, "
                f"{len(missing)} to translate"
            )
            for message in missing:
                self.stdout.write(f"  {message.id!r}")
