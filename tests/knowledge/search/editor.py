"""The editor's process of a live site: takes one JSON object a line, does what it says, answers with one line.

Every text is named by a number; its title holds a word for the number and one for the version, so that a search
for both finds that state of that text and nothing else.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from knowledge.background import queue_nothing  # noqa: E402
from knowledge.models import Article, ArticleTranslation  # noqa: E402
from knowledge.search import maintenance  # noqa: E402
from knowledge.search.query import search_articles  # noqa: E402
from knowledge.services import publishing  # noqa: E402
from tests.knowledge.search.held import texts_in  # noqa: E402

_TEXTS = 12


def title(number: int, version: int) -> str:
    return f"Parcel numbered n{number}x versioned v{version}x"


def prepare(**_: Any) -> None:
    call_command("migrate", verbosity=0, interactive=False)
    maintenance.rebuild()


def publish(number: int, version: int = 0, **_: Any) -> None:
    article, _created = Article.objects.get_or_create(key=f"text-{number}")
    publishing.publish(
        publishing.save_text(article=article, language="en", title=title(number, version), body="Where it is.")
    )


def publish_unqueued(number: int, version: int = 0, **_: Any) -> None:
    """As if the job had been lost."""
    with queue_nothing():
        publish(number, version)


def withdraw(number: int, **_: Any) -> None:
    publishing.withdraw(ArticleTranslation.objects.get(article__key=f"text-{number}"))


def search(q: str, **_: Any) -> dict[str, Any]:
    found = search_articles(q, "en")
    return {"titles": [result.translation.title for result in found.results], "is_degraded": found.is_degraded}


def write_for_ever(seed: int, **_: Any) -> int:
    """A process that publishes, withdraws and indexes until somebody kills it; returns its id."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        chance = random.Random(seed)  # noqa: S311 (repeatable, no secret)
        with queue_nothing():
            while True:
                _write(chance)
    return pid


def _write(chance: random.Random) -> None:
    for _ in range(chance.randint(1, 4)):
        number = chance.randrange(1, _TEXTS)
        if chance.random() < 0.3 and ArticleTranslation.objects.published().filter(article__key=f"text-{number}"):
            withdraw(number)
        else:
            publish(number, chance.randrange(1, 1000))
    if chance.random() < 0.2:
        maintenance.rebuild()
    else:
        maintenance.index_pending()


def bury(pid: int, **_: Any) -> int:
    return os.waitpid(pid, 0)[1]


def sweep(**_: Any) -> int:
    return maintenance.sweep()


def rebuild(**_: Any) -> int:
    """Returns how many generations are left on the disk."""
    maintenance.rebuild()
    return len(list(Path(maintenance._store().root).glob("generation-*")))


def differences(**_: Any) -> dict[str, Any]:
    """What database and index do not agree on, asked of the index and of the search."""
    generation = maintenance._store().current()
    if generation is None:
        return {"index": "missing"}
    held = Counter(texts_in(generation))
    public = dict(ArticleTranslation.objects.published().values_list("pk", "title"))
    withdrawn = ArticleTranslation.objects.filter(status=ArticleTranslation.Status.WITHDRAWN)
    gone = withdrawn.values_list("title", flat=True)
    return {
        "doubles": [pk for pk, times in held.items() if times > 1],
        "missing": sorted(public.keys() - held.keys()),
        "superfluous": sorted(held.keys() - public.keys()),
        "stale": [name for name in public.values() if search(name)["titles"] != [name]],
        "still found": [name for name in gone if name in search(name)["titles"]],
        "pending": ArticleTranslation.objects.needs_indexing().count(),
        "degraded": search(title(0, 0))["is_degraded"],
    }


_DONE_HERE = {
    one.__name__: one
    for one in (prepare, publish, publish_unqueued, withdraw, search, write_for_ever, bury, sweep, rebuild, differences)
}


def main() -> None:
    for line in sys.stdin:
        details = json.loads(line)
        answer = _DONE_HERE[details.pop("do")](**details)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
