"""Whoever writes the index may be killed at any moment: customers notice nothing and nothing is lost."""

from __future__ import annotations

import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.knowledge.search.live import LiveSite
from tests.processes import until

pytestmark = pytest.mark.services

_KILLS = 25
# What the issue promises from publishing to finding.
_SECONDS_TO_BE_FOUND = 5


@pytest.fixture
def site(tmp_path: Path) -> Iterator[LiveSite]:
    live = LiveSite(tmp_path)
    live.ask("prepare")
    yield live
    live.end()


class Readers:
    """Customers who search all the while."""

    def __init__(self, site: LiveSite) -> None:
        self.pages = 0
        self.failures: list[str] = []
        self._site = site
        self._enough = threading.Event()
        self._threads = [threading.Thread(target=self._search) for _ in range(2)]

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def _search(self) -> None:
        while not self._enough.is_set():
            status, page = self._site.search("n0x v0x")
            self.pages += 1
            if status != 200 or "v0x" not in page.partition("<main")[2].replace("<mark>", "").replace("</mark>", ""):
                self.failures.append(f"{status}")
            time.sleep(0.03)


def test_a_writer_killed_25_times_leaves_a_whole_index_and_customers_notice_nothing(site: LiveSite) -> None:
    chance = random.Random(25)  # noqa: S311 (repeatable, no secret)
    site.ask("publish_unqueued", number=0)
    site.ask("sweep")
    site.start_web()
    with Readers(site) as readers:
        for kill in range(_KILLS):
            pid = site.ask("write_for_ever", seed=kill)
            time.sleep(chance.uniform(0.02, 0.7))
            os.kill(pid, signal.SIGKILL)
            assert os.WTERMSIG(site.ask("bury", pid=pid)) == signal.SIGKILL, site.said()
            assert site.finds("n0x")
            # What it left undone, the next sweep does: no lock is in its way.
            site.ask("sweep")
            assert {what: found for what, found in site.ask("differences").items() if found} == {}
    assert readers.pages > _KILLS
    assert readers.failures == []
    # A rebuild removes what unfinished ones left on the disk: only the current and the former stay.
    assert site.ask("rebuild") == 2


def test_what_is_published_is_found_within_seconds_and_what_is_withdrawn_is_not(site: LiveSite) -> None:
    site.start("indexer")
    site.ask("publish", number=1)
    until(lambda: site.finds("n1x"), seconds=60, what="the first indexing by a worker that is just starting")
    site.ask("publish", number=2)
    until(lambda: site.finds("n2x"), seconds=_SECONDS_TO_BE_FOUND)
    site.ask("publish", number=2, version=7)
    until(lambda: site.finds("v7x"), seconds=_SECONDS_TO_BE_FOUND)
    site.ask("withdraw", number=2)
    until(lambda: not site.ask("differences")["superfluous"], seconds=_SECONDS_TO_BE_FOUND)
    assert not site.finds("n2x")


def test_an_indexer_that_dies_with_a_job_in_its_hands_loses_nothing(site: LiveSite) -> None:
    indexer = site.start("indexer")
    site.ask("publish", number=1)
    until(lambda: site.finds("n1x"), seconds=60)
    indexer.kill()
    indexer.wait()
    site.ask("publish", number=2)
    site.ask("withdraw", number=1)
    assert not site.finds("n2x")
    site.start("indexer")
    until(lambda: site.finds("n2x") and not site.finds("n1x"), seconds=60)


def test_lost_jobs_and_a_damaged_index_are_found_by_the_sweep(site: LiveSite) -> None:
    site.start("worker")
    site.start("indexer")
    site.ask("publish_unqueued", number=1)
    until(lambda: site.finds("n1x"), seconds=60, what="indexing without a job")
    for torn in site.index.rglob("*.toc"):
        torn.write_bytes(b"")
    until(lambda: site.finds("n1x"), seconds=60, what="mending a torn index")
    shutil.rmtree(site.index)
    until(lambda: site.finds("n1x"), seconds=60, what="mending an index that is gone")
