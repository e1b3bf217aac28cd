"""django-allauth, headless: its own session endpoint with an app token, sessions in Redis, users in PostgreSQL."""

from __future__ import annotations

import os
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

settings.configure(
    DEBUG=False,
    SECRET_KEY=os.environ["SECRET"],
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "allauth",
        "allauth.account",
        "allauth.headless",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
    # Where it is, PGHOST and the like say.
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PGDATABASE"],
            "OPTIONS": {"pool": True},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"unix://{os.environ['VALKEY_SOCKET']}",
        }
    },
    SESSION_ENGINE="django.contrib.sessions.backends.cache",
    HEADLESS_ONLY=True,
    HEADLESS_FRONTEND_URLS={},
    ACCOUNT_EMAIL_VERIFICATION="none",
    ACCOUNT_LOGIN_METHODS={"email"},
    ACCOUNT_SIGNUP_FIELDS=["email*", "password1*"],
    ACCOUNT_RATE_LIMITS=False,
    LOGGING_CONFIG=None,
)
django.setup()


def alive(_request: HttpRequest) -> HttpResponse:
    """Answer."""
    return HttpResponse()


urlpatterns = [path("", alive), path("_allauth/", include("allauth.headless.urls"))]
application = get_wsgi_application()

if __name__ == "__main__" and sys.argv[1:] == ["migrate"]:
    call_command("migrate", verbosity=0)
