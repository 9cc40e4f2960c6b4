"""Articles by the thousand, published, in four languages."""

from __future__ import annotations

from helpcenter.load import words
from helpcenter.load.writing import LANGUAGES, Writer
from knowledge.importers.base import ArticleRow
from knowledge.services.importing import import_articles

_PARAGRAPHS = 4


def make_articles(count: int, *, seed: int = 1) -> None:
    """Adds or updates `count` articles; the same seed makes the same ones."""
    writer = Writer(seed)
    topics = list(words.TOPICS)
    rows = []
    for place in range(count):
        language = list(LANGUAGES)[place % len(LANGUAGES)]
        topic = writer.dice.choice(topics)
        title = writer.filled(writer.dice.choice(words.QUESTIONS[language][topic]), language)[:150]
        body = "\n\n".join(
            f"## {writer.answer(language)}\n\n{writer.question(topic, language)}" for _ in range(_PARAGRAPHS)
        )
        rows.append(
            ArticleRow(
                where=f"article {place}",
                key=f"load-{place}",
                language=language,
                title=f"{title} ({place})"[:160],
                body=body,
                topic=topic,
            )
        )
    import_articles(rows, should_publish=True)
