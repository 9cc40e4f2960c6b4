"""All settings, read from the environment (see .env.example for what each variable means)."""

from __future__ import annotations

import contextlib
import os
import secrets
import zoneinfo
from pathlib import Path
from typing import Any, Literal

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from helpcenter.admin_theme import UNFOLD  # noqa: F401 (a setting)
from helpcenter.api_schema import schema_settings
from helpcenter.environment import env, flag, number, one_of, text

# Lets `ModelForm[Topic]` be written as the types know it.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / text("SVAR_VAR", "var")
VAR_DIR.mkdir(parents=True, exist_ok=True)

# DEBUG means "somebody tries Svar on their own machine": demo accounts, a secret made on the spot, mail
# into files. Django's technical error pages are a separate switch, because the error pages that
# customers get are part of what is being tried.
DEMO = flag("DEBUG", False)
DEBUG = flag("TRACEBACKS", False)


def _secret_key() -> str:
    """The signing secret; outside DEBUG it must come from the environment."""
    if key := text("SECRET_KEY"):
        return key
    if not DEMO:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Set it in the environment (50 random characters), "
            "or set DEBUG=1 to try Svar on this machine only."
        )
    path = VAR_DIR / "secret_key"
    if not path.exists():
        # Web server and worker may both be first: whoever links its file, both read the same whole key.
        made = VAR_DIR / f"secret_key.{os.getpid()}"
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path.read_text().strip()


SECRET_KEY = _secret_key()
HOST = text("HOST", "127.0.0.1")
PORT = number("PORT", 8000, at_most=65535)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[]) or (["*"] if DEMO else [])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
if not DEMO and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set. List the host names that Svar answers to.")


def _site_url() -> str:
    """Where the links in letters lead: what is set, else the first host that we answer to, else this machine."""
    if url := text("SITE_URL").rstrip("/"):
        if not url.startswith(("http://", "https://")):
            raise ImproperlyConfigured(f"SITE_URL is {url!r}. Start it with http:// or https://.")
        return url
    if not DEMO and not ALLOWED_HOSTS[0].startswith(("*", ".")):
        return f"https://{ALLOWED_HOSTS[0]}"
    host = "127.0.0.1" if HOST in ("0.0.0.0", "::", "") else HOST  # noqa: S104 (compared, not bound)
    return f"http://[{host}]:{PORT}" if ":" in host else f"http://{host}:{PORT}"


SITE_URL = _site_url()

INSTALLED_APPS = [
    "helpcenter",
    "helpcenter.accounts",
    "deflection",
    "tickets",
    "knowledge",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "django_prometheus",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "haystack",
    "rest_framework",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "helpcenter.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "helpcenter.security.cors.CrossOriginMiddleware",
    "helpcenter.security.csp.RoomyAdminCSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "helpcenter.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "helpcenter.middleware.StaffLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "helpcenter.security.input.CleanInputMiddleware",
    "deflection.middleware.JourneyMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "helpcenter.urls"
ASGI_APPLICATION = "helpcenter.asgi.application"
WSGI_APPLICATION = "helpcenter.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
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
                "django.template.context_processors.i18n",
                "helpcenter.context.site",
                "tickets.context.escape_hatches",
            ],
        },
    }
]

# --- Database -------------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url_config(text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'svar.sqlite3'}"))
}
if DATABASES["default"].get("ENGINE") not in ("django.db.backends.sqlite3", "django.db.backends.postgresql"):
    raise ImproperlyConfigured(
        "DATABASE_URL is not understood. Use postgres://user:password@host:5432/name, or leave it out for SQLite."
    )
_options: dict[str, Any] = DATABASES["default"].setdefault("OPTIONS", {})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Without IMMEDIATE a transaction that reads and then writes fails as soon as another process writes.
    _options |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000; PRAGMA foreign_keys=ON;"
        ),
    }
    # Opening the file and saying all this takes longer than most queries.
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    _options["pool"] = {"min_size": 1, "max_size": number("DATABASE_POOL", 10)}
# Requests that a web process answers at the same time. Each may need a connection: no more of them than of those.
WEB_THREADS = number("WEB_THREADS", 10)

# --- Redis: cache and broker; both have an embedded stand-in ----------------------------------------
REDIS_URL = text("REDIS_URL")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise ImproperlyConfigured("REDIS_URL is not understood. Use redis://host:6379/0, or leave it out.")
if REDIS_URL:
    CACHES: dict[str, dict[str, Any]] = {
        "default": {
            "BACKEND": "helpcenter.cache.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            # A dead Redis may cost speed and rate limits, never a page.
            "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
        }
    }
    DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
RATELIMIT_ENABLE = flag("RATELIMIT", True)
RATELIMIT_FAIL_OPEN = True
# The in-memory cache is right for the one web process that runs without Redis.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.E003", "django_ratelimit.W001"]

# Who has a chat open hears at once what is said there; rooms look into the database for what this leaves out.
_layer: dict[str, Any]
if REDIS_URL:
    # A socket waits in Redis for 5 s at a time; the client's own limit must be longer, or each quiet socket ends.
    _host = {"address": REDIS_URL, "socket_timeout": 20}
    _layer = {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [_host], "capacity": 500}}
else:
    _layer = {"BACKEND": "tickets.channels.chat.layer.LocalLayer", "CONFIG": {"capacity": 500}}
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {"default": _layer}
# Of customers, in one process; an office behind one address has more than a home. Who is refused chats by requests.
CHAT_SOCKETS_PER_ADDRESS = number("CHAT_SOCKETS_PER_ADDRESS", 200)

CELERY_BROKER_URL = REDIS_URL or "svarfile://"
CELERY_BROKER_FOLDER = VAR_DIR / "broker"

# --- Search ---------------------------------------------------------------------------------------
HAYSTACK_CONNECTIONS = {
    "default": {
        "ENGINE": "knowledge.search.backend.LanguageEngine",
        "PATH": text("SEARCH_INDEX", str(VAR_DIR / "index")),
        "SILENTLY_FAIL": False,
        "EXCLUDED_INDEXES": ["tickets.search_indexes.TicketIndex"],
    },
    "cases": {
        "ENGINE": "tickets.search.backend.CaseEngine",
        "PATH": text("CASE_INDEX", str(VAR_DIR / "case-index")),
        "SILENTLY_FAIL": False,
        "EXCLUDED_INDEXES": ["knowledge.search_indexes.ArticleTranslationIndex"],
    },
}
HAYSTACK_LIMIT_TO_REGISTERED_MODELS = False


def _semantic() -> str:
    """Which sentence embeddings help to match questions: "auto", "off", or the folder of a model."""
    value = text("SVAR_SEMANTIC", "auto")
    if value in ("auto", "off"):
        return value
    folder = (BASE_DIR / value).resolve()
    if not all((folder / name).is_file() for name in ("model.onnx", "tokenizer.json")):
        raise ImproperlyConfigured(
            f"SVAR_SEMANTIC is {value!r}. Use auto, off, or a folder with model.onnx and tokenizer.json."
        )
    return str(folder)


# Made from the installed word data on the first start; the same for every installation on a machine.
WORD_FILES = Path(text("WORD_FILES", str(VAR_DIR / "words")))
SVAR_SEMANTIC = _semantic()

# --- Languages and time ---------------------------------------------------------------------------
LANGUAGES = [("en", "English"), ("sv", "Svenska"), ("nb", "Norsk bokmål"), ("da", "Dansk")]
# Not LANGUAGE: desktops set that for gettext.
LANGUAGE_CODE = one_of("DEFAULT_LANGUAGE", "en", dict(LANGUAGES))
LANGUAGE_COOKIE_NAME = "svar_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE: Literal["Lax"] = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = "helpcenter.formats"
TIME_ZONE = text("TIME_ZONE", "Europe/Stockholm")
try:
    zoneinfo.ZoneInfo(TIME_ZONE)
except (KeyError, ValueError, OSError) as error:
    raise ImproperlyConfigured(f"TIME_ZONE is {TIME_ZONE!r}. Use a name such as Europe/Stockholm.") from error

# --- Files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
if DEMO:
    # Files are found where they lie; WhiteNoise still wants the folder of collected ones to exist.
    STATIC_ROOT = VAR_DIR / "staticfiles"
    STATIC_ROOT.mkdir(exist_ok=True)
MEDIA_ROOT = Path(text("MEDIA_ROOT", str(VAR_DIR / "media")))
MEDIA_URL = "/media/"
_STATIC_STORAGE = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEMO
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Attachments never get a URL of their own: they are read through a signed, expiring link.
    "attachments": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "attachments"), "base_url": None},
    },
    "staticfiles": {"BACKEND": _STATIC_STORAGE},
}
WHITENOISE_USE_FINDERS = DEMO
ATTACHMENT_MAX_BYTES = number("ATTACHMENT_MAX_BYTES", 10 * 1024 * 1024)
ATTACHMENT_MAX_COUNT = 5
# From one network address, which an office shares: ten messages with all the files that one may have.
UPLOAD_BYTES_PER_HOUR = number("UPLOAD_BYTES_PER_HOUR", 10 * ATTACHMENT_MAX_COUNT * ATTACHMENT_MAX_BYTES)
UNDO_SEND_SECONDS = number("UNDO_SEND_SECONDS", 10, at_most=120)
UNDO_BULK_SECONDS = number("UNDO_BULK_SECONDS", 60, at_most=600)
CASE_LINK_DAYS = number("CASE_LINK_DAYS", 90)
# Outcomes are looked at for seven days, so less would leave nothing to look at.
JOURNEY_DAYS = max(number("JOURNEY_DAYS", 30, at_most=3650), 8)
# Per cent; what a new site begins with. From then on managers set it in the admin.
HOLDOUT_SHARE = number("HOLDOUT_SHARE", 5, at_most=50)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- Mail -----------------------------------------------------------------------------------------
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
if text("EMAIL_URL"):
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
if EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
    # The same, and it tells when some of a letter's recipients were refused.
    EMAIL_BACKEND = "tickets.channels.email.smtp.EmailBackend"
EMAIL_TIMEOUT = 30
# Who fetches tokens for mail servers that take no passwords, and which of them the one in EMAIL_URL is logged in with.
MAIL_OAUTH_URLS: list[str] = [url for url in env.list("MAIL_OAUTH_URLS", default=[]) if url.strip()]
EMAIL_OAUTH = text("EMAIL_OAUTH")
DEFAULT_FROM_EMAIL = text("DEFAULT_FROM_EMAIL", "help@localhost")


def _reply_address() -> str:
    """Where answers come to, with the case's token in it; without {token} only the Message-ID leads back."""
    value = text("MAIL_REPLY_ADDRESS", "{local}+{token}@{domain}")
    try:
        validate_email(value.format_map({"local": "help", "token": "c1", "domain": "example.com"}))
    except (ValidationError, KeyError, IndexError, ValueError) as error:
        raise ImproperlyConfigured(
            f"MAIL_REPLY_ADDRESS is {value!r}. Use {{local}}+{{token}}@{{domain}}, or {{token}}@reply.example.com."
        ) from error
    return value


MAIL_REPLY_ADDRESS = _reply_address()
# The largest mail that is taken whole.
MAIL_MAX_BYTES = number("MAIL_MAX_BYTES", 35 * 1024 * 1024)
# The files that travel with an answer, together. In a mail they grow by 37 %, and many servers stop at 10 MB.
MAIL_FILES_MAX_BYTES = number("MAIL_FILES_MAX_BYTES", 7 * 1024 * 1024)
MAIL_AUTOMATIC_PER_HOUR = number("MAIL_AUTOMATIC_PER_HOUR", 5)
MAIL_AUTOMATIC_PER_DAY = number("MAIL_AUTOMATIC_PER_DAY", 20)
# Ways in besides the pipe; each is off until it is set (docs/mail.md).
IMAP_URLS: list[str] = env.list("IMAP_URLS", default=[])
LMTP_LISTEN = text("LMTP_LISTEN")
MAIL_DOMAINS: list[str] = [domain.strip().lower() for domain in env.list("MAIL_DOMAINS", default=[]) if domain.strip()]
# What these servers of ours stamp on a letter about its sender (RFC 8601) is believed, and nobody else's stamps.
# The demo's letters came by a server of that name.
_DEMO_SERVER = ["mail.demo.example"] if DEMO else []
MAIL_AUTHSERV_IDS: list[str] = [
    name.strip() for name in env.list("MAIL_AUTHSERV_IDS", default=_DEMO_SERVER) if name.strip()
]
# Above it letters are still taken, but not answered automatically; above three times the day's, they wait for a person.
MAIL_SENDER_PER_HOUR = number("MAIL_SENDER_PER_HOUR", 10)
MAIL_SENDER_PER_DAY = number("MAIL_SENDER_PER_DAY", 30)
# An answer to a case that has been over for longer is a case of its own, linked to the old one.
MAIL_OLD_CASE_DAYS = number("MAIL_OLD_CASE_DAYS", 30)
MAIL_WEBHOOK_SECRET = text("MAIL_WEBHOOK_SECRET")
if MAIL_WEBHOOK_SECRET and ":" not in MAIL_WEBHOOK_SECRET:
    raise ImproperlyConfigured("MAIL_WEBHOOK_SECRET is not user:password. Choose both; the provider sends them back.")
ANYMAIL = {
    "WEBHOOK_SECRET": [MAIL_WEBHOOK_SECRET] if MAIL_WEBHOOK_SECRET else [],
    "MAILGUN_WEBHOOK_SIGNING_KEY": text("MAILGUN_SIGNING_KEY") or None,
    "AMAZON_SES_AUTO_CONFIRM_SNS_SUBSCRIPTIONS": True,
}

# --- People ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
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
LOGIN_REDIRECT_URL = "after_login"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "helpcenter.accounts.adapter.ClosedSignupAdapter"
ACCOUNT_FORMS = {"request_login_code": "helpcenter.accounts.forms.RequestLoginCodeForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True

# --- Web security ---------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
HTTPS = flag("HTTPS", not DEMO)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = flag("SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = number("HSTS_SECONDS", 31536000)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
# Sites whose pages may use the public API in a browser, the widget with it ("https://shop.example"). None: all.
WIDGET_ORIGINS: list[str] = [one.strip().rstrip("/") for one in env.list("WIDGET_ORIGINS", default=[]) if one.strip()]
CSRF_FAILURE_VIEW = "helpcenter.views.errors.csrf_failure"
METRICS_TOKEN = text("METRICS_TOKEN")

# --- API ------------------------------------------------------------------------------------------
# Whether webhooks may go to addresses inside the own network, where typing one should let nobody in.
WEBHOOK_ALLOW_PRIVATE = flag("WEBHOOK_ALLOW_PRIVATE", DEMO)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["helpcenter.security.input.ShallowJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.ScopedRateThrottle"],
    "EXCEPTION_HANDLER": "knowledge.problems.problem_details",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_THROTTLE_RATES": {
        "search": "600/min",
        "reading": "600/min",
        "suggestions": "240/min",
        "events": "240/min",
        "tickets": "30/min",
        "cases": "600/min",
        "chats": "10/min",
        "chat": "240/min",
    }
    if RATELIMIT_ENABLE
    else dict.fromkeys(("search", "reading", "suggestions", "events", "tickets", "cases", "chats", "chat")),
    # The web server has put the customer's address in place already, where FORWARDED_ALLOW_IPS says whom to trust.
    "NUM_PROXIES": 0,
}
SPECTACULAR_SETTINGS = schema_settings(LANGUAGES)

# --- Logs -----------------------------------------------------------------------------------------
LOG_LEVEL = one_of("LOG_LEVEL", "WARNING" if DEMO else "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "helpcenter.logs.RequestIdFilter"},
        "one_line": {"()": "helpcenter.logs.OneLineFilter"},
    },
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
        },
        "plain": {"format": "%(asctime)s %(levelname)-7s %(name)s [%(request_id)s] %(message)s"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": "plain" if DEMO else "json",
        }
    },
    "loggers": {"django_redis.cache": {"filters": ["one_line"]}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
