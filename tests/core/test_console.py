"""Mails in the terminal can be read, and their links followed."""

import io

from django.core.mail import EmailMessage

from budget.core.console import EmailBackend


def test_a_long_link_stays_in_one_piece_among_french_words() -> None:
    link = f"http://127.0.0.1:8000/accounts/password/reset/key/{'x' * 80}/"
    stream = io.StringIO()
    message = EmailMessage("Été", f"Voilà\u00a0:\n\n{link}\n", to=["alice@example.org"])

    assert EmailBackend(stream=stream).send_messages([message]) == 1

    lines = stream.getvalue().splitlines()
    assert link in lines
    assert "To: alice@example.org" in lines
    assert "Subject: Été" in lines
    assert "Voilà\u00a0:" in lines
