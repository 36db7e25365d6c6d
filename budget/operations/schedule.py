"""What is to run when: the one list, for the scheduler, Kubernetes and the documentation.

Nothing of Django is imported here: the scheduler waits all day in a process of a few megabytes, and
whoever compares another list with this one needs no settings.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Where the backups go unless told otherwise: the volume's place in the image.
BACKUPS = "/backups"


@dataclass(frozen=True, slots=True)
class Task:
    """A command of `manage.py` that runs by itself. Each is safe to repeat, and to miss for a day.

    `cron` has five fields as in crontab(5), in the site's time zone; `limit` is the number of
    seconds after which a run is stopped.
    """

    name: str
    command: tuple[str, ...]
    cron: str
    purpose: str
    limit: int = 3600


# None between two and three, an hour that some nights have twice or not at all.
SCHEDULE = (
    Task(
        name="backup",
        command=("backup", BACKUPS, "--keep", "14"),
        cron="30 3 * * *",
        purpose="save the database, and keep the last fourteen backups",
        limit=6 * 3600,
    ),
    Task(
        name="clear-uploads",
        command=("clear_uploads",),
        cron="10 4 * * *",
        purpose="remove bank files that nobody imported within a day",
    ),
    Task(
        name="clear-sessions",
        command=("clearsessions",),
        cron="20 4 * * *",
        purpose="remove sign-ins that have expired",
    ),
    Task(
        name="archive-months",
        command=("archive_months", "--all", "--older-than", "3"),
        cron="40 4 * * *",
        purpose="close months that ended more than three months ago",
        limit=6 * 3600,
    ),
)
