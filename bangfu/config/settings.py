"""All settings, from the environment; the table of them is docs/operations.md."""

import base64
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from bangfu.config.append_only import TABLES as APPEND_ONLY_TABLES  # noqa: F401
from bangfu.lib.keys import load_or_create_keys

BASE_DIR = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("BANGFU_VAR", BASE_DIR / "var"))
VAR.mkdir(parents=True, exist_ok=True)

DEBUG = os.environ.get("BANGFU_DEBUG", "0") == "1"
ALLOWED_HOSTS = os.environ.get("BANGFU_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
REQUIRE = [word for word in os.environ.get("BANGFU_REQUIRE", "").split(",") if word]
SECURITY_PROFILE = os.environ.get("BANGFU_SECURITY_PROFILE", "asvs")

_keys = load_or_create_keys(VAR / "keys.json")
SECRET_KEY = os.environ.get("BANGFU_SECRET_KEY") or _keys["secret_key"]


def _data_keys(text: str | None) -> tuple[dict[str, bytes], str]:
    """`id:base64,id:base64` -> (keys, the last id, which is the current one)."""
    if not text:
        return {name: base64.b64decode(key) for name, key in _keys["data_keys"].items()}, _keys["current"]
    pairs = [part.split(":", 1) for part in text.split(",")]
    return {name: base64.b64decode(key) for name, key in pairs}, pairs[-1][0]


DATA_KEYS, DATA_KEY_ID = _data_keys(os.environ.get("BANGFU_DATA_KEYS"))
INDEX_KEY = base64.b64decode(os.environ.get("BANGFU_INDEX_KEY") or _keys["index_key"])
FILES = Path(os.environ.get("BANGFU_FILES", VAR / "files"))

INSTALLED_APPS = [
    "bangfu.lib",
    "bangfu.access",
    "bangfu.audit",
    "bangfu.notify",
    "bangfu.evidence",
    "bangfu.governance",
    "bangfu.household",
    "bangfu.policy",
    "bangfu.ledger",
    "bangfu.disclosure",
    "bangfu.process",
    "bangfu.relief",
    "bangfu.reporting",
    "bangfu.portal",
    "bangfu.demo",
    "bangfu.config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bangfu.access.middleware.SessionEnd",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "bangfu.access.middleware.AccessTable",
    "bangfu.access.middleware.NoStore",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "bangfu.config.urls"
ACCESS_TABLE = "bangfu.config.access_table.TABLE"
WSGI_APPLICATION = "bangfu.config.wsgi.application"
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
                "bangfu.config.context.shell",
            ],
        },
    }
]

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 60,  # seconds that a save waits while an import of 100,000 rows is being written (docs/operations.md)
    # synchronous=FULL: a committed payout survives a crash of the machine (trust.md).
    # recursive_triggers: INSERT OR REPLACE takes a row away, which append-only tables refuse only then.
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;PRAGMA recursive_triggers=ON;PRAGMA mmap_size=134217728;"
        "PRAGMA cache_size=-65536;PRAGMA journal_size_limit=67108864;"
    ),
}


def database(url: str) -> dict:
    """`sqlite:////abs/path` or `postgres://user:pw@host:port/name` -> one entry of DATABASES."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]) if parts.path.startswith("//") else unquote(parts.path),
            "OPTIONS": dict(SQLITE_OPTIONS),
        }
    options: dict = {"pool": {"min_size": 2, "max_size": 8, "timeout": 10}} if "pool" not in parts.query else {}
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


DATABASES = {"default": database(os.environ.get("DATABASE_URL") or f"sqlite:///{VAR / 'bangfu.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "access.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_COOKIE_HTTPONLY = True
#: Seconds since signing in after which one signs in again, however busy. Source: trust.md (ASVS 7.3.2).
SESSION_END = int(float(os.environ.get("BANGFU_SESSION_HOURS", "12")) * 3600)
SESSION_COOKIE_AGE = SESSION_END + 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
IDLE_TIME_OUT = int(os.environ.get("BANGFU_IDLE_MINUTES", "30")) * 60
_secure = os.environ.get("BANGFU_HTTPS", "0") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _secure
SECURE_HSTS_SECONDS = 31536000 if _secure else 0
#: Behind TLS stands a proxy that sets both headers anew; without it they are whatever a stranger writes, and not read.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _secure else None
BEHIND_PROXY = _secure
if _secure:  # the browser takes these names over TLS only, for this host only
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "bangfu.access.errors.csrf_failure"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HANDLER = "bangfu.access.lockout.Handler"
AXES_USERNAME_CALLABLE = "bangfu.access.lockout.name_of"
AXES_CLIENT_IP_CALLABLE = "bangfu.access.lockout.address_of"
AXES_DISABLE_ACCESS_LOG = True  # the record tells who signed in
AXES_LOCKOUT_CALLABLE = "bangfu.access.errors.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
FILE_UPLOAD_HANDLERS = ["bangfu.lib.uploads.CappedUploads"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 45 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20000


def _clock_of(file: Path) -> Callable[[], datetime]:
    """Journeys of the suite move the time of a served process by a file; never set in a real installation."""
    return lambda: datetime.fromisoformat(file.read_text().strip())


#: Tests and the demo set a callable that answers an aware datetime.
CLOCK = _clock_of(Path(os.environ["BANGFU_CLOCK_FILE"])) if "BANGFU_CLOCK_FILE" in os.environ else None
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
TEST_RUNNER = "django.test.runner.DiscoverRunner"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "bangfu.lib.logs.Line", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"routes": {"()": "bangfu.lib.logs.RouteNames"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["routes"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "axes": {"level": "ERROR"},
        "bangfu.errors": {"level": "INFO"},  # the reference numbers of 403 and 404 too
        "django.request": {"level": "CRITICAL"},  # said by bangfu.errors, with the number that stands on the page
    },
}
