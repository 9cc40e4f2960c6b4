"""The product's settings with throw-away places to write to."""

from __future__ import annotations

import os
import tempfile

_folder = tempfile.mkdtemp(prefix="svar-tests-")
os.environ["DEBUG"] = "1"
os.environ["SVAR_VAR"] = _folder
os.environ["SEARCH_INDEX"] = f"{_folder}/index"
os.environ.setdefault("SECRET_KEY", "for-tests-only-" + "x" * 40)
os.environ["SITE_URL"] = "http://testserver"

from helpcenter.settings import *  # noqa: E402, F403
from helpcenter.settings import STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
RATELIMIT_ENABLE = False
