"""A folder of Markdown files with front matter: title, topic, language, slug; id, summary, phrasings if wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import frontmatter
import yaml
from django.utils.text import slugify

from knowledge.importers.base import ArticleRow, Refused
from knowledge.search.analysis import fold

_FIRST_HEADING = re.compile(r"\A\s*#\s+(?P<title>.+?)\s*#*\s*(?:\n|\Z)")
_RELATIVE_LINK = re.compile(
    r"\]\((?!\w+:|/|#)(?P<path>[^)#\s]+\.(?:md|markdown))(?P<anchor>#[^)\s]*)?\)", re.IGNORECASE
)


def read_markdown(path: Path, default_language: str) -> Iterator[ArticleRow | Refused]:
    """Every `.md` file below the folder (or the one file). Links between the files become article links."""
    root = path if path.is_dir() else path.parent
    files = sorted(f for f in root.rglob("*") if f.suffix.lower() in (".md", ".markdown")) if path.is_dir() else [path]
    posts: dict[Path, frontmatter.Post | Refused] = {file: _load(file, root) for file in files}
    keys = {
        file.resolve(): _key(file, root, post.metadata)
        for file, post in posts.items()
        if isinstance(post, frontmatter.Post)
    }
    for file, post in posts.items():
        if isinstance(post, Refused):
            yield post
        else:
            yield _row(file, root, post, keys, default_language)


def _load(file: Path, root: Path) -> frontmatter.Post | Refused:
    where = str(file.relative_to(root))
    try:
        return frontmatter.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        return Refused(where, f"the file cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        return Refused(where, "the file is not UTF-8 text")
    except (yaml.YAMLError, ValueError) as error:
        line = " ".join(str(error).split())
        return Refused(where, f"the front matter cannot be read: {line}")


def _key(file: Path, root: Path, metadata: dict[str, Any]) -> str:
    if metadata.get("id"):
        return str(metadata["id"])
    return slugify(fold("-".join(file.relative_to(root).with_suffix("").parts).casefold()))


def _row(
    file: Path, root: Path, post: frontmatter.Post, keys: dict[Path, str], default_language: str
) -> ArticleRow | Refused:
    where = str(file.relative_to(root))
    data = post.metadata
    body = post.content
    heading = _FIRST_HEADING.match(body)
    title = str(data.get("title") or (heading["title"] if heading else ""))
    if heading and heading["title"].strip() == title.strip():
        body = body[heading.end() :]
    phrasings = data.get("phrasings") or []
    if not isinstance(phrasings, list):
        return Refused(where, "phrasings must be a list")

    def article_link(match: re.Match[str]) -> str:
        key = keys.get((file.parent / match["path"]).resolve())
        return f"](article:{key}{match['anchor'] or ''})" if key else match.group(0)

    return ArticleRow(
        where=where,
        key=keys[file.resolve()],
        title=title,
        body=_RELATIVE_LINK.sub(article_link, body),
        language=str(data.get("language") or default_language),
        topic=str(data.get("topic") or ""),
        slug=str(data.get("slug") or ""),
        summary=str(data.get("summary") or ""),
        is_draft=data.get("status") in ("draft", "withdrawn"),
        phrasings=[str(text) for text in phrasings],
    )
