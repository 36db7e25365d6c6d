"""Every setting of Budgeomètre, read once from the environment.

The READMEs' tables list the variables; a test compares them with what is read here. All are read
in any case, whether they are used or not, so that a wrong one is named wherever it is given.
Nothing secret has a default outside development: a production start without SECRET_KEY or
DATABASE_URL stops here, with a sentence that says what to set.
"""

import os
from pathlib import Path
from typing import Any

from django.utils.csp import CSP

from budget.core.configuration import DATABASE_EXAMPLE, Environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
NODE_MODULES = BASE_DIR / "node_modules"

env = Environment(os.environ)

DEBUG = env.flag("DEBUG")
# The demonstration: `make run` sets it. It makes the demo user and the "Try the demo" button.
DEMO = env.flag("DEMO")

SECRET_KEY = env.secret(
    "SECRET_KEY",
    "insecure-for-development-only" if DEBUG else "",
    hint="Make one with `python -c 'import secrets; print(secrets.token_urlsafe(50))'` "
    "and put it in the environment, or set DEBUG=1 on a machine of your own.",
)

ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS", [])

# What budget/gunicorn.py takes from here.
PORT = env.number("PORT", 8000, least=1, most=65535)
WEB_CONCURRENCY = env.number_or_none("WEB_CONCURRENCY", least=1, most=64)
WEB_TIMEOUT = env.number("WEB_TIMEOUT", 120, least=3, most=3600)

INSTALLED_APPS = [
    "budget.core",
    "budget.operations",
    "budget.users",
    "budget.wallets",
    "budget.buckets",
    "budget.categories",
    "budget.people",
    "budget.transactions",
    "budget.balances",
    "budget.goals",
    "budget.imports",
    "budget.archives",
    "budget.planning",
    "budget.demo",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "django_filters",
    "django_htmx",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "budget.core.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "budget.core.middleware.HealthMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "budget.users.middleware.PreferredLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "budget.users.middleware.InvalidFormMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Last: the household's scope holds a database transaction open around the view alone,
    # not around the session and the headers.
    "budget.users.middleware.HouseholdMiddleware",
]

ROOT_URLCONF = "budget.urls"
WSGI_APPLICATION = "budget.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "budget.users.context_processors.household",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "budget.core.templatetags.links",
                "budget.core.templatetags.display",
                "budget.core.templatetags.instruments",
            ],
        },
    },
]
# One form renderer, so that every field of the site looks alike: templates/forms/.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASE_HINT = (
    f"Give it a PostgreSQL 15 or newer, as in {DATABASE_EXAMPLE}, "
    "or set DEBUG=1 to use the embedded server."
)
DATABASES: dict[str, dict[str, Any]] = {}
if DEBUG and not env.has("DATABASE_URL"):
    from budget.core import embedded

    DATABASES["default"] = embedded.database(VAR_DIR)
else:
    DATABASES["default"] = env.database("DATABASE_URL", hint=DATABASE_HINT) or {}
# A pool instead of a connection a request: without one, throughput is less than half.
DATABASE_POOL_SIZE = env.number("DATABASE_POOL_SIZE", 4, least=1, most=100)
for database in DATABASES.values():
    database.setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": DATABASE_POOL_SIZE,
        # Seconds to wait for a server that is away. Threads that wait for longer than a probe does
        # would be missed by /healthz.
        "timeout": 3,
    }
    # One that was closed while it lay in the pool, as by a restart of the server, is exchanged.
    database["CONN_HEALTH_CHECKS"] = True
# A standby to read from. No pool: one waits until a server that is gone comes back, where a plain
# connection is refused at once, and then the page is read from the primary.
if replica := env.database("DATABASE_REPLICA_URL"):
    replica["OPTIONS"] = {"connect_timeout": 2, "tcp_user_timeout": 3000, **replica["OPTIONS"]}
    DATABASES["replica"] = replica | {"CONN_MAX_AGE": 300, "TEST": {"MIRROR": "default"}}
    DATABASE_ROUTERS = ["budget.core.replica.Router"]
for database in DATABASES.values():
    # Behind PgBouncer the next rows of a cursor on the server would be asked of another connection.
    database["DISABLE_SERVER_SIDE_CURSORS"] = True


def caches(redis_url: str) -> dict[str, dict[str, Any]]:
    """What is cached, and where: with a Redis (its URL) or without ("").

    Each keeps what it does for a reason: docs/adr/0009. Without Redis sessions are read from the
    database alone, because processes do not hear of one another's changes.
    """
    local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if redis_url:
        # How often someone tried to sign in, and the like; sessions; figures.
        chosen: dict[str, dict[str, Any]] = {
            "default": {"BACKEND": "budget.core.cache.RedisOrLocalMemoryCache"},
            "sessions": {"BACKEND": "budget.core.cache.StrictRedisCache", "TIMEOUT": 60},
            "summaries": {"BACKEND": "budget.core.cache.RedisCache"},
        }
    else:
        chosen = {
            "default": local | {"OPTIONS": {"MAX_ENTRIES": 10_000}},
            "sessions": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
            "summaries": local | {"OPTIONS": {"MAX_ENTRIES": 500}},
        }
    return {
        name: {"LOCATION": redis_url or name, "KEY_PREFIX": f"budgeometre:{name}", **cache}
        for name, cache in chosen.items()
    }


CACHES = caches(env.redis("REDIS_URL"))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "budget.users.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Signing up must not tell who has an account. allauth hides that only where an address is confirmed
# by mail before it is let in, so this is asked for wherever a mail server is named. Without one
# nobody could get in at all: a known address is then refused, and so told.
ACCOUNT_EMAIL_VERIFICATION = env.choice(
    "ACCOUNT_EMAIL_VERIFICATION",
    "mandatory" if env.has("EMAIL_HOST") and not DEBUG else "optional",
    "mandatory",
    "optional",
)
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# One address a person; a new one takes the old one's place when it is verified.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {"invite": "30/h/user"}
ACCOUNT_FORMS = {
    "login": "budget.users.forms.LoginForm",
    "signup": "budget.users.forms.SignupForm",
    "add_email": "budget.users.forms.AddEmailForm",
    "change_password": "budget.users.forms.ChangePasswordForm",
    "set_password": "budget.users.forms.SetPasswordForm",
    "reset_password": "budget.users.forms.ResetPasswordForm",
    "reset_password_from_key": "budget.users.forms.ResetPasswordKeyForm",
    "reauthenticate": "budget.users.forms.ReauthenticateForm",
}
USERSESSIONS_TRACK_ACTIVITY = False

# The first administrator, for `manage.py ensure_superuser`.
SUPERUSER_EMAIL = env.mailbox("SUPERUSER_EMAIL")
SUPERUSER_PASSWORD = env.secret("SUPERUSER_PASSWORD")

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "budget" / "locale"]
TIME_ZONE = env.time_zone("TIME_ZONE", "Europe/Paris")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap", NODE_MODULES / "bootstrap" / "dist" / "css"),
    ("geist", NODE_MODULES / "@fontsource-variable" / "geist" / "files"),
    ("chartjs", NODE_MODULES / "chart.js" / "dist"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

SMTP = {
    "host": env.host("EMAIL_HOST", "localhost"),
    "port": env.number("EMAIL_PORT", 25, least=1, most=65535),
    "username": env.text("EMAIL_USER"),
    "password": env.secret("EMAIL_PASSWORD"),
    "use_tls": env.flag("EMAIL_TLS"),
    "timeout": 10,
}
MAILERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "budget.core.console.EmailBackend"}
    if DEBUG
    else {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": SMTP}
}
DEFAULT_FROM_EMAIL = env.mailbox("EMAIL_FROM", "Budgeomètre <budgeometre@localhost>")

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    # Bootstrap's own carets and ticks are data: images inside its style sheet.
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "budget.users.sessions"
SESSION_CACHE_ALIAS = "sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "budget.core.views.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# HTTPS=0 is for a server that stands alone on a trusted home network.
HTTPS = env.flag("HTTPS", default=True)
BEHIND_PROXY = env.flag("BEHIND_PROXY")
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 1, least=1, most=10)
if not DEBUG:
    SECURE_SSL_REDIRECT = HTTPS
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SESSION_COOKIE_SECURE = HTTPS
    CSRF_COOKIE_SECURE = HTTPS
    SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
    SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
    SECURE_HSTS_PRELOAD = HTTPS
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        # Whose attempts to sign in are counted: without it, all would be the proxy's.
        ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

LOG_LEVEL = env.choice(
    "LOG_LEVEL",
    "WARNING" if DEBUG else "INFO",
    "DEBUG",
    "INFO",
    "WARNING",
    "ERROR",
    "CRITICAL",
)
LOG_FORMAT = env.choice("LOG_FORMAT", "text" if DEBUG else "json", "json", "text")
# 0 is off.
SLOW_QUERY_SECONDS = env.seconds("SLOW_QUERY_SECONDS", 0.5, least=0, most=3600)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "budget.core.logs.Lines"},
        "text": {"()": "budget.core.logs.Text"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Django's own logger has a handler too, and passes on to the root: one of them is enough.
        "django": {"handlers": [], "propagate": True},
        # What was not found or not allowed is told by the request's own line already.
        "django.request": {"level": "ERROR"},
        # It warns of each HEAD: Django leaves to the server to keep the body back.
        "gunicorn.http.wsgi": {"level": "ERROR"},
    },
}

# Where errors are reported to (Sentry, GlitchTip, Bugsink…); see budget/core/error_reports.py.
SENTRY_DSN = env.dsn("SENTRY_DSN")
SENTRY_ENVIRONMENT = env.text("SENTRY_ENVIRONMENT", "production")

# Prometheus, on a port of its own: budget/core/metrics.py. 0 is off.
METRICS_PORT = env.number("METRICS_PORT", 0, least=0, most=65535)
if METRICS_PORT == PORT:
    env.refuse(
        "METRICS_PORT",
        f"METRICS_PORT is {METRICS_PORT}, as PORT is.",
        "Give it a port of its own that visitors do not reach, such as 9100.",
    )
if METRICS_PORT:
    MIDDLEWARE.insert(
        MIDDLEWARE.index("budget.core.middleware.HealthMiddleware") + 1,
        "budget.core.metrics.MetricsMiddleware",
    )

# Forms are short: what is larger is not a form. The longest is a page of an import's preview, with
# four fields for each of its 50 lines.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300

# Last: what is required and missing stops the start here, and what else is wrong is told with it.
# Without that, a system check tells it.
env.require_all()
CONFIGURATION_MISTAKES = env.mistakes
