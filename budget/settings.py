"""Every setting of Budgeomètre, read once from the environment.

The README's table lists the variables. Nothing secret has a default outside
development: a production start without SECRET_KEY or DATABASE_URL stops here,
with a sentence that says what to set.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from environ.fileaware_mapping import FileAwareMapping

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
NODE_MODULES = BASE_DIR / "node_modules"


# Any variable may be given as NAME_FILE instead, which names a file that holds the value:
# compose and Kubernetes hand secrets over as files.
class FileOrVariable(FileAwareMapping):  # type: ignore[misc]
    def __getitem__(self, key: str) -> str:
        # Editors and `echo` end a file with a line's end, which is no part of a password.
        return str(super().__getitem__(key)).rstrip("\r\n")


env = environ.Env()
env.ENVIRON = FileOrVariable()

DEBUG = env.bool("DEBUG", default=False)
# The demonstration: `make run` sets it. It makes the demo user and the "Try the demo" button.
DEMO = env.bool("DEMO", default=False)

SECRET_KEY = env.str("SECRET_KEY", default="insecure-for-development-only" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Make one with "
        "`python -c 'import secrets; print(secrets.token_urlsafe(50))'` "
        "and put it in the environment, or set DEBUG=1 on a machine of your own."
    )

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "budget.core",
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

if DATABASE_URL := env.str("DATABASE_URL", default=""):
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
    if DATABASES["default"].get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            "DATABASE_URL is not the address of a PostgreSQL, without which households cannot be "
            "kept apart. Write it as in postgres://budget:password@localhost/budget."
        )
elif DEBUG:
    from budget.core import embedded

    DATABASES = {"default": embedded.database(VAR_DIR)}
else:
    raise ImproperlyConfigured(
        "DATABASE_URL is not set. Give it a PostgreSQL 15 or newer, as in "
        "postgres://budget:password@localhost/budget, or set DEBUG=1 to use the embedded server."
    )
# A pool instead of a connection a request: without one, throughput is less than half.
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": 1,
    "max_size": env.int("DATABASE_POOL_SIZE", default=4),
}
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
ACCOUNT_EMAIL_VERIFICATION = env.str(
    "ACCOUNT_EMAIL_VERIFICATION",
    default="mandatory" if env.str("EMAIL_HOST", default="") and not DEBUG else "optional",
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
SUPERUSER_EMAIL = env.str("SUPERUSER_EMAIL", default="")
SUPERUSER_PASSWORD = env.str("SUPERUSER_PASSWORD", default="")

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "budget" / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Paris")
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

MAILERS = {
    "default": {"BACKEND": "budget.core.console.EmailBackend"}
    if DEBUG
    else {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": env.str("EMAIL_HOST", default="localhost"),
            "port": env.int("EMAIL_PORT", default=25),
            "username": env.str("EMAIL_USER", default=""),
            "password": env.str("EMAIL_PASSWORD", default=""),
            "use_tls": env.bool("EMAIL_TLS", default=False),
            "timeout": 10,
        },
    }
}
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="Budgeomètre <budgeometre@localhost>")

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
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "budget.core.views.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

if not DEBUG:
    # HTTPS=0 is for a server that stands alone on a trusted home network.
    HTTPS = env.bool("HTTPS", default=True)
    SECURE_SSL_REDIRECT = HTTPS
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SESSION_COOKIE_SECURE = HTTPS
    CSRF_COOKIE_SECURE = HTTPS
    SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
    SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
    SECURE_HSTS_PRELOAD = HTTPS
    if env.bool("BEHIND_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        # Whose attempts to sign in are counted: without it, all would be the proxy's.
        ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    # Django's own logger has a handler too, and passes on to the root: one of them is enough.
    "loggers": {"django": {"handlers": [], "propagate": True}},
}

# Forms are short: what is larger is not a form. The longest is a page of an import's preview, with
# four fields for each of its 50 lines.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300
