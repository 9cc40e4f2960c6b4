"""The index in memory: right after every commit, whatever its segments are, and never a broken page."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from knowledge.search import maintenance, segments, snapshot
from knowledge.search.query import search_articles
from knowledge.services.publishing import publish, save_text, withdraw
from tests.factories import publish_article

pytestmark = pytest.mark.django_db


def titles(text: str, language: str = "en") -> list[str]:
    return sorted(result.translation.title for result in search_articles(text, language).results)


def test_updates_over_many_segments_never_double_and_never_linger(commit):
    texts = []
    for number in range(6):
        with commit():
            texts.append(publish_article(f"Parcel {number}", f"Old{number} words."))
    assert titles("parcel") == [f"Parcel {number}" for number in range(6)]
    for text in texts[:3]:
        with commit():
            publish(save_text(article=text.article, language="en", title=f"{text.title} anew", body="New words."))
        assert len(titles("parcel")) == 6
    with commit():
        withdraw(texts[5])
    expected = ["Parcel 0 anew", "Parcel 1 anew", "Parcel 2 anew", "Parcel 3", "Parcel 4"]
    assert titles("parcel") == expected
    assert titles("old1") == []
    maintenance.rebuild()
    assert titles("parcel") == expected


def test_segments_that_did_not_change_stay_open(commit):
    with commit():
        publish_article("Parcel one", "Text.")
    titles("parcel")
    before = snapshot.latest._snapshot
    with commit():
        publish_article("Parcel two", "Text.")
    assert titles("parcel") == ["Parcel one", "Parcel two"]
    after = snapshot.latest._snapshot
    assert before is not after
    assert before.segments[0] is after.segments[0]


def test_the_memory_for_postings_is_bounded():
    kept = segments._Kept(5 * segments._BYTES_AN_ENTRY)
    for number in range(100):
        kept.put(("segment", "field", str(number)), segments.NOWHERE)
    assert kept.get(("segment", "field", "99")) is not None
    assert kept.get(("segment", "field", "0")) is None
    assert len(kept._entries) == 5


@pytest.mark.parametrize("size", [0, 100, 3000])
def test_a_segment_cut_short_while_it_is_open_breaks_no_page(commit, monkeypatch, size):
    monkeypatch.setattr("knowledge.background.enqueue", lambda *args, **when: True)
    with commit():
        for number in range(20):
            publish_article(f"Parcel number{number}", "Text with words. " * 30)
    results = search_articles("parcel", "en").results
    for file in Path(settings.HAYSTACK_CONNECTIONS["default"]["PATH"]).rglob("*.seg"):
        with file.open("rb+") as opened:
            opened.truncate(size)
    assert results[0].passage.plain
    found = search_articles("number7", "en")
    assert [result.translation.title for result in found.results] == ["Parcel number7"]
    assert found.results[0].passage.plain


def test_an_empty_index_finds_nothing():
    maintenance.rebuild()
    found = search_articles("parcel", "en")
    assert (found.total, found.is_degraded) == (0, False)


def test_a_page_of_an_index_that_was_replaced_meanwhile_is_shown_all_the_same(commit):
    with commit():
        for number in range(12):
            publish_article(f"Parcel {number}", "A parcel is here.")
    results = search_articles("parcel", "en").results
    maintenance.rebuild()
    maintenance.rebuild()
    assert [text for text, is_marked in results[11].passage.pieces if is_marked] == ["parcel"]
