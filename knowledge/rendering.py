"""Markdown to safe HTML: what authors write becomes what customers read, and nothing else gets through."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

import nh3
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext, override
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin

_WORDS_A_MINUTE = 200
_ALERTS = ("note", "tip", "important", "warning", "caution")
_ALLOWED_TAGS = {
    "a", "abbr", "blockquote", "br", "caption", "code", "del", "div", "em", "h2", "h3", "h4", "hr", "img", "kbd",
    "li", "ol", "p", "pre", "s", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ALLOWED_ATTRIBUTES = {
    "a": {"href", "title"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "th": {"scope"},
    "div": {"tabindex", "role"},
}
_ALLOWED_CLASSES = {
    "div": {"table-scroll", "alert", *(f"alert-{kind}" for kind in _ALERTS)},
    "p": {"alert-title"},
    "th": {"end", "center"},
    "td": {"end", "center"},
}


@dataclass(frozen=True)
class Section:
    """A heading and the plain text below it, up to the next heading. The first may have no heading."""

    anchor: str
    title: str
    text: str
    level: int = 2


@dataclass(frozen=True)
class Rendered:
    html: str
    sections: tuple[Section, ...]
    article_keys: tuple[str, ...] = field(default=())

    @property
    def contents(self) -> list[Section]:
        """The table of contents: headings of the first level, worth showing from two on."""
        headings = [section for section in self.sections if section.anchor and section.level == 2]
        return headings if len(headings) > 1 else []

    @property
    def plain(self) -> str:
        return "\n".join(f"{s.title}\n{s.text}".strip() for s in self.sections).strip()

    @property
    def headings(self) -> list[str]:
        return [section.title for section in self.sections if section.title]

    @property
    def minutes(self) -> int:
        """Reading time at 200 words a minute, at least one."""
        return max(1, round(len(self.plain.split()) / _WORDS_A_MINUTE))


def _anchor(title: str) -> str:
    # A prefix keeps a heading called "main" or "q" from stealing an id that the page itself uses.
    return f"s-{slugify(title) or 'section'}"


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False, "alerts": True})
    md.enable(["table", "strikethrough"])
    md.use(anchors_plugin, min_level=2, max_level=4, slug_func=_anchor)
    return md


def _alert_titles(language: str) -> dict[str, str]:
    with override(language):
        return {
            "note": gettext("Good to know"),
            "tip": gettext("Tip"),
            "important": gettext("Important"),
            "warning": gettext("Careful"),
            "caution": gettext("Careful"),
        }


def _resolve_links(tokens: list[Token]) -> list[str]:
    """Gives `article:key` and `contact:` links their addresses; returns the keys that were linked."""
    keys = []
    for token in tokens:
        for child in token.children or []:
            href = str(child.attrGet("href") or "") if child.type == "link_open" else ""
            if href.startswith("article:"):
                key, _, anchor = href.removeprefix("article:").partition("#")
                keys.append(key)
                address = reverse("article", args=[slugify(key) or "-"]) + "?by=key"
                child.attrSet("href", address + (f"#{anchor}" if anchor else ""))
            elif href == "contact:":
                child.attrSet("href", reverse("contact"))
    return keys


def _shape(tokens: list[Token], titles: dict[str, str]) -> list[Token]:
    """Adapts tokens to the page: no second h1, own class names, tables that scroll by themselves."""
    shaped: list[Token] = []
    kind = ""
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type in ("heading_open", "heading_close") and token.tag in ("h1", "h5", "h6"):
            token.tag = "h2" if token.tag == "h1" else "h4"
        elif token.type == "alert_open":
            kind = str(token.meta["kind"]).lower()
            token.attrs = {"class": f"alert alert-{kind}"}
        elif token.type == "alert_title_open":
            token.attrs = {"class": "alert-title"}
        elif before is not None and before.type == "alert_title_open":
            token.children = [Token("text", "", 0, content=titles.get(kind, ""))]
        elif token.type in ("th_open", "td_open"):
            style = str(token.attrs.pop("style", ""))
            token.attrs = {"class": "end"} if "right" in style else {"class": "center"} if "center" in style else {}
            if token.type == "th_open":
                token.attrSet("scope", "col")
        elif token.type == "table_open":
            shaped.append(_html('<div class="table-scroll" tabindex="0" role="group">'))
        shaped.append(token)
        if token.type == "table_close":
            shaped.append(_html("</div>"))
    return shaped


def _html(content: str) -> Token:
    return Token("html_block", "", 0, content=content)


def _sections(tokens: list[Token]) -> tuple[Section, ...]:
    """Headings with the plain text below them: a line for each paragraph, list item and table row."""
    sections: list[Section] = []
    anchor, title, level = "", "", 2
    lines: list[str] = []
    cells: list[str] | None = None
    heading: Token | None = None
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "heading_open":
            sections.append(Section(anchor, title, "\n".join(lines), level))
            heading, lines = token, []
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close" and cells is not None:
            lines.append(_row_as_sentence(cells))
            cells = None
        elif token.type in ("inline", "code_block", "fence"):
            if before is not None and before.type == "alert_title_open":
                continue
            text = _plain(token)
            if heading is not None:
                anchor, title, level = str(heading.attrGet("id") or ""), text, int(heading.tag[1])
                heading = None
            else:
                (lines if cells is None else cells).append(text)
    sections.append(Section(anchor, title, "\n".join(lines), level))
    return tuple(section for section in sections if section.title or section.text)


def _row_as_sentence(cells: list[str]) -> str:
    """A table row as it can be read aloud: what it is about, then the rest."""
    first, *rest = [cell for cell in cells if cell] or [""]
    return f"{first}: {', '.join(rest).rstrip('.')}." if rest else first


def _plain(token: Token) -> str:
    if not token.children:
        return token.content.strip()
    parts = (
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in token.children
        if child.type in ("text", "code_inline", "softbreak", "hardbreak")
    )
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def render(markdown: str, language: str = "en") -> Rendered:
    """Renders an article's Markdown. Raw HTML in it is shown as text, unsafe links lose their address."""
    md = _parser()
    tokens = md.parse(markdown.replace("\x00", ""))
    keys = _resolve_links(tokens)
    sections = _sections(tokens)
    tokens = _shape(tokens, _alert_titles(language))
    return Rendered(clean_html(md.renderer.render(tokens, md.options, {})), sections, tuple(dict.fromkeys(keys)))


def clean_html(html: str) -> str:
    """The second lock: whatever the renderer produced, only these tags, attributes and schemes leave."""
    return nh3.clean(
        html,
        tags=_ALLOWED_TAGS,
        attributes=_ALLOWED_ATTRIBUTES,
        allowed_classes=_ALLOWED_CLASSES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener",
    )
