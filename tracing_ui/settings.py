"""Every setting, read once from the environment. A wrong value stops the start with a sentence.

`docs/operations.md` lists them for operators.
"""

from pathlib import Path

from tracing_ui.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
environment = Environment()

# --- Where things listen. Loopback: an unprotected trace store must be opened on purpose.
HOST = environment.text("TRACING_UI_HOST", "127.0.0.1")
PORT = environment.port("TRACING_UI_PORT", 8000)
OTLP_HTTP_PORT = environment.port("TRACING_UI_OTLP_HTTP_PORT", 4318)
OTLP_GRPC_PORT = environment.port("TRACING_UI_OTLP_GRPC_PORT", 4317)

# --- Where things are kept.
DATA_DIR = environment.folder("TRACING_UI_DATA_DIR")  # embedded Postgres; unused when DATABASE_URL is set
DATABASE_URL = environment.database_url("DATABASE_URL")  # None: the embedded Postgres
RETENTION_DAYS = environment.whole("TRACING_UI_RETENTION_DAYS", 14, at_least=1, at_most=3650)

# --- How much at once.
WEB_THREADS = environment.whole("TRACING_UI_WEB_THREADS", 8, at_least=1, at_most=200)
RECEIVERS = environment.whole("TRACING_UI_RECEIVERS", 1, at_least=1, at_most=64)
LINGER_MS = environment.whole("TRACING_UI_LINGER_MS", 20, at_least=0, at_most=1000)

# --- Browsers that may send spans from pages of other origins: exact origins, or * for all.
CORS_ORIGINS = environment.names("TRACING_UI_CORS_ORIGINS", [])

# --- Django.
DEBUG = environment.flag("TRACING_UI_DEBUG", default=False)
SECRET_KEY = environment.secret_key("SECRET_KEY", kept_in=DATA_DIR)
ALLOWED_HOSTS = environment.names("TRACING_UI_ALLOWED_HOSTS", ["*"])  # links have the request's own host
CSRF_TRUSTED_ORIGINS = environment.names("TRACING_UI_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "spans",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "tracing_ui.urls"
ASGI_APPLICATION = "tracing_ui.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
DATABASES = {"default": environment.database(DATABASE_URL, pool_max=WEB_THREADS + 2)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Time is UTC everywhere; local time exists only in the page.
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False

# --- Static files: hashed names, also inside ES modules.
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "tracing_ui.staticfiles.UsedAppFiles",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "tracing_ui.staticfiles.HashedStaticFiles"},
}

# --- What a page may load: itself.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "worker-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "spans.api.errors.answer",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "tracing-ui",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": environment.text("TRACING_UI_LOG_LEVEL", "INFO").upper()},
}

environment.check_known_names()
