"""The original of a letter as agents see it: its HTML made safe, its pictures shown, nothing fetched unasked.

What a sender wrote is data here: no script, no style, no form, no address that is not a web page, an e-mail address or
a telephone number. Pictures that came with the letter are shown by signed links; those elsewhere would tell their
owner who reads what and when, so they stay out until somebody asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tickets.channels.email.trimming import text_of_html
from tickets.models import MailContent, Message
from tickets.services.links import attachment_path

_TAGS = {
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del",
    "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "ol", "p",
    "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "tt", "u", "ul",
}  # fmt: skip
# Elements whose content is not meant to be read, or could be read as something else than text.
_GONE = {
    "script", "style", "title", "head", "noscript", "template", "svg", "math", "iframe", "object", "xmp", "noembed",
    "noframes", "plaintext", "textarea", "select", "option",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "*": {"dir", "lang"},
}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
# Building a tree takes the square of its depth, and no mail program writes anything near this.
_DEEPEST = 200
MOST_SHOWN = 500_000
_OPENING = re.compile(r"<(/?)([a-z][a-z0-9]*)\b[^<>]*?(/?)>", re.IGNORECASE)
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
_REMOTE = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE)
_SIZE = re.compile(r"^\d{1,4}$")


def safe_html(message: Message, *, with_remote_images: bool = False) -> SafeString:
    """The HTML of a mail, fit to be part of a page of ours; "" where it has none.

    `with_remote_images` lets pictures from elsewhere in, which the page's policy has to allow as well.
    """
    mail: MailContent | None = getattr(message, "mail", None)
    if mail is None:
        return SafeString("")
    pictures = {one.content_id: attachment_path(one) for one in message.attachments.all() if one.content_id}
    return safe_markup(mail.html, pictures, with_remote_images=with_remote_images)


def safe_markup(html: str, pictures: Mapping[str, str], *, with_remote_images: bool = False) -> SafeString:
    """As `safe_html`, for HTML that is in no case yet; `pictures` gives the paths of those that came with it."""
    html = html[:MOST_SHOWN]
    if not html.strip():
        return SafeString("")
    if _is_too_deep(html):
        # Text says the same, and nobody's browser has to lay out a tower.
        return format_html("<pre>{}</pre>", text_of_html(html, with_quotes=True))
    clean = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_GONE,
        attributes=_ATTRIBUTES,
        attribute_filter=_filter(pictures, with_remote_images=with_remote_images),
        url_schemes=_SCHEMES,
        url_relative=_own_files_only,
        # Nothing is put into the result afterwards: an attribute may hold what looks like an element.
        set_tag_attribute_values={
            "a": {"target": "_blank"},
            "img": {"loading": "lazy", "referrerpolicy": "no-referrer"},
        },
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )
    return mark_safe(clean)  # noqa: S308 (nh3 has been over it)


def has_remote_images(html: str) -> bool:
    """Whether the HTML would fetch pictures from somewhere."""
    return bool(_REMOTE.search(html))


def _filter(pictures: Mapping[str, str], *, with_remote_images: bool) -> Callable[[str, str, str], str | None]:
    def judged(tag: str, name: str, value: str) -> str | None:
        if tag == "img" and name == "src":
            return _source(value.strip(), pictures, with_remote_images=with_remote_images)
        if tag == "a" and name == "href":
            # A link within the letter, or to a file of it, would lead somewhere else from our page.
            return value if re.match(r"^(?:https?:|mailto:|tel:)", value.strip(), re.IGNORECASE) else None
        if name in ("width", "height", "colspan", "rowspan", "start"):
            return value if _SIZE.match(value) else None
        return value

    return judged


def _source(value: str, pictures: Mapping[str, str], *, with_remote_images: bool) -> str | None:
    if value.lower().startswith("cid:"):
        return pictures.get(value[4:].strip("<>"))
    if with_remote_images and value.lower().startswith("https://"):
        return value
    return None


def _own_files_only(url: str) -> str | None:
    """The signed paths that stand for pictures of the letter are the only addresses without a scheme."""
    return url if url.startswith("/attachments/") and not url.startswith("//") else None


def _is_too_deep(html: str) -> bool:
    depth = 0
    for tag in _OPENING.finditer(html):
        if tag[2].lower() in _VOID or tag[3]:
            continue
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > _DEEPEST:
            return True
    return False
