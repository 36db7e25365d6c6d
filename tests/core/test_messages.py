"""`make messages` leaves a complete catalogue as it is, and says that it is complete."""

from pathlib import Path

import pytest
from django.core.management import call_command

from budget.core.management.commands.messages import catalogue_path


def test_a_complete_catalogue_is_told_and_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    catalogue: Path = catalogue_path("fr")
    before = catalogue.read_bytes()
    call_command("messages")
    assert catalogue.read_bytes() == before
    assert "0 to translate" in capsys.readouterr().out
