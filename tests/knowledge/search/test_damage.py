"""An index that is missing, torn or of another version: noticed, answered from the database, built anew, quiet."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest

from knowledge import tasks
from knowledge.search import maintenance
from knowledge.search.query import search_articles
from knowledge.search.storage import IndexBusy
from tests.factories import publish_article
from tests.knowledge.search.held import generation, generation_name, held, store, titles

pytestmark = pytest.mark.django_db


def _tear(pattern: str, content: bytes | None) -> Callable[[], None]:
    """Damages the files of the current generation: emptied, overwritten, or removed."""

    def tear() -> None:
        for path in generation().glob(pattern):
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content)

    return tear


DAMAGE = {
    "no folder at all": lambda: shutil.rmtree(store().root),
    "no generation": lambda: shutil.rmtree(generation()),
    "an empty list of segments": _tear("*.toc", b""),
    "a torn list of segments": _tear("*.toc", b"\x00" * 20),
    "no list of segments": _tear("*.toc", None),
    "no segment": _tear("*.seg", None),
    "an empty segment": _tear("*.seg", b""),
    "a segment of garbage": _tear("*.seg", b"\xff\x00garbage" * 500),
    "a pointer to nothing": lambda: (store().root / "CURRENT").write_text(
        f"generation-{store().fingerprint}-{'0' * 12}"
    ),
    "an empty pointer": lambda: (store().root / "CURRENT").write_bytes(b""),
    "a pointer of garbage": lambda: (store().root / "CURRENT").write_bytes(b"\xff\x00../../etc\n"),
}


class TestDamage:
    @pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
    def test_it_is_noticed_and_mended_and_then_quiet(self, damage, caplog):
        text = publish_article("Moths in wool")
        maintenance.rebuild()
        assert maintenance.problem() == ""
        damage()
        assert maintenance.problem() != ""
        assert maintenance.sweep() == 1
        assert "The search index is built anew" in caplog.text
        caplog.clear()
        assert held() == [text.pk]
        assert titles("moths") == ["Moths in wool"]
        assert maintenance.sweep() == 0
        assert caplog.text == ""

    def test_an_index_of_another_version_is_not_read_and_built_anew(self, monkeypatch, jobs):
        publish_article("Moths in wool")
        maintenance.rebuild()
        before = generation()
        monkeypatch.setattr(store(), "fingerprint", "0ther")
        assert maintenance.problem() == "The index was made by another version."
        assert search_articles("moths", "en").is_degraded
        assert len(jobs) == 1
        # A newer version may just have built it, and this process be about to end.
        with pytest.raises(IndexBusy):
            maintenance.sweep()
        assert tasks.repair_index.delay().get() == 0
        assert generation_name() == before.name
        os.utime(store().root / "CURRENT", (0, 0))
        assert maintenance.sweep() == 1
        assert generation() != before
        assert titles("moths") == ["Moths in wool"]

    def test_publishing_into_a_missing_index_does_not_make_one_that_holds_a_single_text(self):
        first = publish_article("Moths")
        maintenance.rebuild()
        shutil.rmtree(store().root)
        second = publish_article("Beetles")
        maintenance.index_pending()
        assert held() == [first.pk, second.pk]

    def test_a_search_that_fails_in_a_whole_index_does_not_have_it_built_again_and_again(self):
        publish_article()
        maintenance.rebuild()
        before = generation()
        assert tasks.repair_index.delay().get() == 0
        assert generation() == before
        _tear("*.toc", b"")()
        assert tasks.repair_index.delay().get() == 1
        assert generation() != before
