"""The widget's files as they are sent: no build step, one request for what is needed at once.

The panel is written as small modules without names in common on their top level; sent, they are one module, without
indentation and whole lines of comment.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from django.contrib.staticfiles import finders

from helpcenter.views.theme import brand_css

# In the order in which they import one another.
PANEL = ("parts", "visit", "article", "suggestions", "form", "search", "write", "talk", "panel")
_REM = re.compile(r"(?<=[\d.])rem\b")
_COMMENT = re.compile(r"^\s*//.*\n|^\s*/\*\*(?:[^*]|\*(?!/))*\*/\s*\n", re.MULTILINE)
_IMPORT = re.compile(r"^import [^;]+;\n", re.MULTILINE)
_INDENT = re.compile(r"^\s+", re.MULTILINE)
# What other modules of the panel use is in sight without it; these two the loader calls.
_EXPORT = re.compile(r"^export (?!function (?:open|watch)\b)", re.MULTILINE)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def _source(name: str) -> str:
    """A file of ours; LookupError where it is not."""
    found = finders.find(name)
    if not found:
        raise LookupError(name)
    return Path(found).read_text(encoding="utf-8")


def _short(script: str) -> str:
    return _INDENT.sub("", _COMMENT.sub("", script))


def loader() -> str:
    return _short(_source("widget/widget.js"))


def panel() -> str:
    modules = (_source(f"widget/{name}.js") for name in PANEL)
    return _short("".join(_EXPORT.sub("", _IMPORT.sub("", module)) for module in modules))


def style() -> str:
    """The tokens of our own pages for the widget's root, with the organisation's colours, then its own rules.

    A host may set any size on its root element, which `rem` would follow; `em` follows ours.
    """
    tokens = _REM.sub("em", _source("css/tokens.css")).replace(":root", ".svar")
    css = f"{tokens}\n{brand_css('.svar')}\n{_source('widget/widget.css')}"
    return _INDENT.sub("", _CSS_COMMENT.sub("", css))


FILES: dict[str, tuple[Callable[[], str], str]] = {
    "widget.js": (loader, "text/javascript"),
    "widget-panel.js": (panel, "text/javascript"),
    "widget.css": (style, "text/css"),
}


def version(name: str) -> str:
    """A name for a file's content as it is now."""
    return hashlib.sha256(FILES[name][0]().encode()).hexdigest()[:20]
