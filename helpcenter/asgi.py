"""The site as an ASGI application."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpcenter.settings")
django.setup(set_prefix=False)

from helpcenter.handler import ThreadedHandler  # noqa: E402 (needs the settings)

application = ThreadedHandler()
