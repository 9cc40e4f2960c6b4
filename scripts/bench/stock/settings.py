"""The site's settings with haystack as its documentation sets it up."""

from __future__ import annotations

from helpcenter.settings import *  # noqa: F403
from helpcenter.settings import INSTALLED_APPS, VAR_DIR

INSTALLED_APPS = [*INSTALLED_APPS, "bench.stock"]
HAYSTACK_CONNECTIONS = {
    "default": {
        "ENGINE": "haystack.backends.whoosh_backend.WhooshEngine",
        "PATH": str(VAR_DIR / "stock-index"),
        "EXCLUDED_INDEXES": ["knowledge.search_indexes.ArticleTranslationIndex"],
    }
}
HAYSTACK_LIMIT_TO_REGISTERED_MODELS = True
