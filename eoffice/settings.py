"""Django settings, made from `eoffice.environment` alone."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from eoffice import environment

ENVIRONMENT = environment.read()
DESK_AGENT = "http://127.0.0.1:14987"
"""Where the program `eoffice-token` listens on people's computers (`token/`): pages may speak with it."""
PACKAGE_DIR = Path(__file__).resolve().parent

SECRET_KEY = environment.secret(ENVIRONMENT, "django")
DEBUG = ENVIRONMENT.debug
OWN_HOSTS = ["127.0.0.1", "localhost", "[::1]", urlsplit(ENVIRONMENT.base_url).hostname or ""]
ALLOWED_HOSTS = ["*"] if DEBUG else [*OWN_HOSTS, *ENVIRONMENT.former_hosts]
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.base_url]

ROOMS = [
    "core",
    "audit",
    "accounts",
    "organization",
    "notifications",
    "renditions",
    "layout",
    "signing",
    "workflow",
    "documents",
    "reports",
    "web",
]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "django_vite",
    "procrastinate.contrib.django",
    *[f"eoffice.{room}" for room in ROOMS],
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "eoffice.core.middleware.FormerHosts",
    "eoffice.core.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "eoffice.accounts.middleware.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "eoffice.web.middleware.ExpectedErrors",
    "eoffice.organization.middleware.ActorOfRequest",
    "eoffice.organization.gate.LeadsToPowers",
    "eoffice.web.middleware.ReadableText",
]
ROOT_URLCONF = "eoffice.urls"
WSGI_APPLICATION = "eoffice.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "eoffice.web.jinja.environment",
            "loader": None,
            "autoescape": True,
        },
    },
]


def database(url: str) -> dict[str, object]:
    """Django's description of the PostgreSQL database at `url`."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or 5432),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # What is prepared by name (`organization.compiled`) is planned once, not for each person.
        "OPTIONS": {
            "application_name": "eoffice",
            "options": "-c plan_cache_mode=force_generic_plan",
            **dict(parse_qsl(parts.query)),
        },
    }


def _url_of_this_process() -> str:
    if ENVIRONMENT.acts_as_owner and ENVIRONMENT.database_owner_url:
        return ENVIRONMENT.database_owner_url
    # Without DATABASE_URL the embedded server is started by the command line, which then sets it.
    return ENVIRONMENT.database_url or "postgresql://eoffice_app@127.0.0.1:5432/eoffice"


def _app_role() -> str | None:
    """The serving role, where it is another one than the owner: it gets its rights after every migration."""
    if not ENVIRONMENT.database_url or not ENVIRONMENT.database_owner_url:
        return None
    role = unquote(urlsplit(ENVIRONMENT.database_url).username or "")
    return role if role != unquote(urlsplit(ENVIRONMENT.database_owner_url).username or "") else None


DATABASES = {"default": database(_url_of_this_process())}
DATABASE_APP_ROLE = _app_role()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "eoffice.accounts.hashing.PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:login"
# Not cached: each web process has a cache of its own, where a session would live on after signing out elsewhere.
SESSION_ENGINE = "eoffice.accounts.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = ENVIRONMENT.base_url.startswith("https://")
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
CSRF_FAILURE_VIEW = "eoffice.web.failures.csrf_failure"
# Only behind the proxy that terminates TLS; anyone could send the header to a port that has none.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

LANGUAGE_CODE = "vi"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
DATE_INPUT_FORMATS = ["%d/%m/%Y", "%Y-%m-%d"]

STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []
# Served from the rooms' own `static/` directories: there is no collecting step.
WHITENOISE_USE_FINDERS = True
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "static_url_prefix": "dist",
        "manifest_path": PACKAGE_DIR / "web" / "static" / "dist" / "manifest.json",
    }
}

# The jobs of every room are in its `jobs.py`; read-only in any admin screen.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# Uploads never lie readable on a disk before they are checked (design part 5, secrets).
FILE_UPLOAD_HANDLERS = ["eoffice.renditions.uploading.PrivateUploadHandler"]
UPLOAD_LIMIT_BYTES = 100 * 1024 * 1024
# A directive can be taken back for so long, while nobody has accepted it.
UNDO_WINDOW_S = 120
PDF_PAGE_LIMIT = 1000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # What opens a file without a session stands in its address, and in no log.
    "filters": {"passes": {"()": "eoffice.core.log_lines.HidesPart", "before": "/signing/desk/"}},
    "loggers": {"django.request": {"filters": ["passes"]}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO" if DEBUG else "WARNING"},
}
