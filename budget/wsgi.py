"""The WSGI application that gunicorn serves: `gunicorn --config budget/gunicorn.py budget.wsgi`.

Servers run no system checks by themselves, so those of the settings are run here: with a wrong
one it does not start, and says which. Those of the database are `/readyz`'s matter, because it
may be reached later than the server starts.
"""

import os

from django.core.checks import ERROR, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "budget.settings")

application = get_wsgi_application()

if wrong := [each for each in run_checks(tags=["configuration"]) if each.is_serious(ERROR)]:
    raise ImproperlyConfigured("\n".join(f"{each.msg} {each.hint}" for each in wrong))
