"""The product's settings with throw-away places to write to."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

_folder = tempfile.mkdtemp(prefix="svar-tests-")
os.environ["DEBUG"] = "1"
os.environ["SVAR_VAR"] = _folder
os.environ["SEARCH_INDEX"] = f"{_folder}/index"
os.environ["CASE_INDEX"] = f"{_folder}/case-index"
os.environ.setdefault("SECRET_KEY", "for-tests-only-" + "x" * 40)
# The encoder has tests of its own; all others are about words, and quicker.
os.environ.setdefault("SVAR_SEMANTIC", "off")
# They take half a minute to make, and are the same for every run.
os.environ.setdefault("WORD_FILES", str(Path(__file__).resolve().parent.parent / "var" / "words"))
os.environ["SITE_URL"] = "http://testserver"
if os.environ.get("REDIS_URL"):
    # Each test clears the cache, and test processes run side by side: each has a database of its own there.
    _number = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{_number}").geturl()

from helpcenter.settings import *  # noqa: E402, F403
from helpcenter.settings import STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
RATELIMIT_ENABLE = False
# Answers leave at once, except in the tests of taking them back.
UNDO_SEND_SECONDS = 0
UNDO_BULK_SECONDS = 0
# Everybody sees suggestions, except in the tests of the hold-out.
HOLDOUT_SHARE = 0
