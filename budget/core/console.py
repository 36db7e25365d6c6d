"""Mails in the terminal, for development."""

from django.core.mail import EmailMessage
from django.core.mail.backends import console


class EmailBackend(console.EmailBackend):
    """Prints a mail as people read it: encoded for the wire, its link would be cut in two."""

    def write_message(self, message: EmailMessage) -> None:
        rule = "-" * 79
        self.stream.write(
            f"{rule}\nTo: {', '.join(message.recipients())}\nSubject: {message.subject}\n\n"
            f"{message.body}\n{rule}\n"
        )
