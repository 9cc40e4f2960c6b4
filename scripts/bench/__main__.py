"""`make bench`: what customers wait for at several sizes, and other engines beside it. One JSON object a line.

Times are what a client on the same machine sees, from sending to the last byte, one request after the other against
one warm web process. The first request of a kind after the start has a line of its own.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench import chat, corpus, customers, desk, rivals
from bench.printing import show
from bench.site import ROOT, new_site

PARTS = ("customers", "update", "rivals", "desk", "chat")
LANGUAGES = ("sv", "nb", "da", "en")


def main() -> None:
    options = _options()
    if "desk" in options.parts:
        with new_site(options.language) as site:
            desk.measure(site, options.cases)
    if "chat" in options.parts:
        with new_site(options.language) as site:
            chat.measure(site, options.chats, options.seconds)
    if set(options.parts) <= {"desk", "chat"}:
        return
    for size in options.sizes:
        articles = corpus.articles(options.data, options.language, size)
        source = "real" if corpus.real_articles(options.data, options.language) else "made up"
        show(bench="corpus", articles=len(articles), language=options.language, words=source)
        queries = corpus.queries(articles, options.queries)
        with new_site(options.language) as site:
            site.load(articles)
            if "customers" in options.parts:
                customers.measure(site, size, queries)
            if "update" in options.parts:
                customers.measure_update(site, size)
            if "rivals" in options.parts:
                rivals.measure(site, articles, queries)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="make bench")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="where scale/*.jsonl lies")
    parser.add_argument("--language", choices=LANGUAGES, default="sv")
    parser.add_argument("--sizes", type=_numbers, default=[300, 3000], help="numbers of articles, with commas")
    parser.add_argument("--parts", type=_parts, default=list(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--queries", type=int, default=500, help="queries of each kind")
    parser.add_argument("--cases", type=int, default=10_000, help="number of cases at the desk")
    parser.add_argument("--chats", type=int, default=300, help="number of chats at once")
    parser.add_argument("--seconds", type=int, default=60, help="how long they go on, a message a second in each")
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.stderr.write(f"{options.data} is not there; measuring with made-up articles.\n")
    return options


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _parts(text: str) -> list[str]:
    chosen = text.split(",")
    if unknown := set(chosen) - set(PARTS):
        raise argparse.ArgumentTypeError(f"there is no part {', '.join(unknown)}")
    return chosen


if __name__ == "__main__":
    main()
