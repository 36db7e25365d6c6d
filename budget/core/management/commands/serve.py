"""The command behind `make run`."""

import errno
import os
import select
import signal
import socket
import sys
import threading
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.core.management.commands import runserver
from django.db import connection
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

DEMO_EMAIL = "demo@example.org"
DEMO_PASSWORD = "demo-budgeometre"  # noqa: S105 - printed for everyone to see


def end_with_terminal() -> None:
    """End this process when its terminal is closed; for a thread that does nothing else.

    A closed terminal tells its first process alone. Where that is a shell it tells us; where
    it is `make`, as in a window opened for nothing else, it waits for us instead.
    """
    terminal = sys.stdin.fileno() if sys.stdin and sys.stdin.isatty() else None
    if terminal is None or signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        return
    hangup = select.poll()
    hangup.register(terminal, 0)
    hangup.poll()
    os.kill(os.getpid(), signal.SIGTERM)


class Command(runserver.Command):
    """Django's development server, on a database that is ready for it.

    It derives from Django's own `runserver`: the static files' variant would serve them in
    WhiteNoise's place.
    """

    # What `handle` leaves for the rest.
    addr: str
    port: str
    use_ipv6: bool

    help = "Migrate, seed the demonstration where DEMO is set, and serve for development."

    def run(self, **options: Any) -> None:
        """Prepare once, then serve: the reloader starts this command again as its child."""
        # A shell that starts us in the background has Ctrl-C ignored; we are to stop all the same.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if os.environ.get(DJANGO_AUTORELOAD_ENV) != "true":
            threading.Thread(target=end_with_terminal, daemon=True).start()
            self.refuse_taken_port()
            self.prepare()
        super().run(**options)

    def refuse_taken_port(self) -> None:
        """Say so before anything is done, where the port is not to be had."""
        with socket.socket(socket.AF_INET6 if self.use_ipv6 else socket.AF_INET) as probe:
            # As the server itself does it: a port just left is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.addr, int(self.port)))
            except OverflowError:
                raise CommandError(f"{self.port} is no port: they end at 65535.") from None
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise CommandError(f"Port {self.port} cannot be used: {error}.") from error
                raise CommandError(
                    f"Port {self.port} is taken. Choose another: PORT={int(self.port) + 1} make run"
                ) from None

    def prepare(self) -> None:
        """Migrate, and seed the demonstration unless its user is there, with a household."""
        self.stdout.write("Preparing the database…")
        call_command("migrate", interactive=False, verbosity=0)
        at_home = get_user_model().objects.filter(email=DEMO_EMAIL, memberships__isnull=False)
        if settings.DEMO and not at_home.exists():
            call_command("seed_demo")
        # This process only waits from here on: its child does the serving.
        connection.close()
        if pool := getattr(connection, "close_pool", None):
            pool()

    def on_bind(self, server_port: int) -> None:
        """Tell where the site is, now that it listens there."""
        host = f"[{self.addr}]" if ":" in self.addr else self.addr
        address = self.style.SUCCESS(f"{self.protocol}://{host}:{server_port}")
        lines = [f"Budgeomètre   {address}"]
        if settings.DEMO:
            lines.append(f"Demo login    {DEMO_EMAIL}  {DEMO_PASSWORD}")
        lines.append("Ctrl-C stops it all; the data stay.")
        self.stdout.write("\n" + "".join(f"  {line}\n" for line in lines))
