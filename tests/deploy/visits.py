"""Signs in as browsers would, with the settings of the environment: run as a program.

Standard input has a JSON list of visits, each an origin and its headers. Each fetches the page and
sends its form with a password that nobody has: what comes in otherwise than the settings expect is
refused before the password is. Standard output gets, for each, the page's status, the form's, and
whether the cookie is for HTTPS alone.
"""

import json
import os
import re
import sys
from typing import Any

PAGE = "/accounts/login/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def visit(origin: str, headers: dict[str, str]) -> list[Any]:
    from django.test import Client

    client = Client(enforce_csrf_checks=True, headers=headers)
    page = client.get(PAGE)
    if page.status_code != 200:
        return [page.status_code, None, None]
    found = TOKEN.search(page.content.decode())
    token = found[1] if found else ""
    form = {"login": "nobody@example.org", "password": "x", "csrfmiddlewaretoken": token}
    answer = client.post(PAGE, form, headers={"origin": origin, "referer": f"{origin}{PAGE}"})
    return [page.status_code, answer.status_code, bool(client.cookies["csrftoken"]["secure"])]


if __name__ == "__main__":
    import django
    from django.conf import settings

    os.environ["DJANGO_SETTINGS_MODULE"] = "budget.settings"
    # Nothing is collected for tests.
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    # A hasher that takes no time: it is asked even for someone who is not there.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django.setup()
    sys.stdout.write(json.dumps([visit(*each) for each in json.load(sys.stdin)]))
