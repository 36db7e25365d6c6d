"""How gunicorn serves the site: `gunicorn --config budget/gunicorn.py budget.wsgi`.

The variables are those of budget/settings.py. What is logged goes to the same lines as
everything else; there is no access log, because each request has a line of ours.
"""

import atexit
import gc
import logging
import os
import shutil
import socket
import struct
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import override
from gunicorn.glogging import Logger

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "budget.settings")

#: Seconds that nothing may come or go in the middle of a request or an answer.
SILENCE = 60
MOST_WORKERS_BY_DEFAULT = 4
#: A folder in memory for small files; None, which is /tmp, where there is none.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def remove(folder: Path, owner: int) -> None:
    """Take the folder away when the process that made it ends: its workers end before."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


try:
    metrics_folder: Path | None = None
    if settings.METRICS_PORT:
        # Known before the first metric is made. Workers map these files: a disk that an upload has
        # filled would end each of them by SIGBUS at its first request.
        metrics_folder = Path(tempfile.mkdtemp(prefix="budgeometre-metrics-", dir=MEMORY))
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics_folder)
        atexit.register(remove, metrics_folder, os.getpid())
    # The application itself, once for all workers: they share its memory. It also sets up the
    # log, and runs the checks of the settings.
    from budget import wsgi  # noqa: F401

    # Every page names them, and would fail where the list of what was collected is empty.
    if getattr(staticfiles_storage, "hashed_files", True) == {}:
        raise ImproperlyConfigured(
            "The static files are not collected. Run manage.py collectstatic --no-input."
        )
except ImproperlyConfigured as error:
    sys.exit(f"{error}")

# Python's own warnings are lines of the log as well.
logging.captureWarnings(True)
# What a worker would read at its first request.
import_module(settings.ROOT_URLCONF)
for language, _name in settings.LANGUAGES:
    with override(language):
        pass

# What is there now stays to the end. Collecting garbage would write into each piece of it, and so
# give each worker a copy of its own of what they share: 15 MB a worker (`make bench-memory`).
gc.collect()
gc.freeze()


def cores() -> int:
    """How many processors we may use: those we may run on, as far as a container's quota goes."""
    # From 3.13 on os.process_cpu_count says the first.
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(available or 1, round(int(quota) / int(period))))
    except (OSError, ValueError):  # no cgroup of version 2, or no quota ("max")
        return available or 1


class SameLog(Logger):  # type: ignore[misc]
    """gunicorn's own lines, passed on to the log that settings.LOGGING describes."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


bind = f"0.0.0.0:{settings.PORT}"
# A worker for each core keeps it busy: pages are made of Python and little waiting. Each takes
# some 50 MB of its own, so that more than four are asked for by hand: WEB_CONCURRENCY.
workers = settings.WEB_CONCURRENCY or min(cores(), MOST_WORKERS_BY_DEFAULT)
# Threads, for connections that keep us waiting: a browser opens some before it has anything to
# ask, and a file of 100 MB takes minutes on a slow line. A sync worker is blocked by each of them,
# and killed after the timeout. As many as there are connections to the database.
worker_class = "gthread"
threads = settings.DATABASE_POOL_SIZE
timeout = settings.WEB_TIMEOUT
graceful_timeout = 30
keepalive = 5
# Python gives little memory back. One after the other, or all would be away at once.
max_requests = 5000
max_requests_jitter = 500
preload_app = True
# Where a worker says that it is alive: in memory, since a disk that is busy would stop it.
worker_tmp_dir = MEMORY
# Who may say that it was HTTPS is for Django alone to believe: BEHIND_PROXY.
forwarded_allow_ips = ""
# It would want to write into a home.
control_socket_disable = True
logger_class = SameLog
loglevel = settings.LOG_LEVEL.lower()
accesslog = None


def when_ready(server: Any) -> None:
    for listener in server.LISTENERS:
        # Accepted connections inherit it: one that stops in the middle of a request or an
        # answer would otherwise keep its thread for good.
        patience = struct.pack("ll", SILENCE, 0)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
    if metrics_folder:
        from budget.core import metrics

        try:
            metrics.serve(settings.METRICS_PORT, metrics_folder)
        except OSError as error:
            sys.exit(f"METRICS_PORT {settings.METRICS_PORT} cannot be used: {error.strerror}.")


def pre_fork(server: Any, worker: Any) -> None:
    taken = {each.place for each in server.WORKERS.values()}
    worker.place = next(place for place in range(1, len(taken) + 2) if place not in taken)


def post_fork(server: Any, worker: Any) -> None:
    if metrics_folder:
        from budget.core import metrics

        metrics.take_place(worker.place)
