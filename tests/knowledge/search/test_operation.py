"""Keeping the index true: jobs, locks, rebuilding beside the live index, damage and upgrades."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.management import call_command
from django.db import transaction

from knowledge import tasks
from knowledge.importers.base import ArticleRow
from knowledge.models import ArticleTranslation
from knowledge.search import maintenance, writing
from knowledge.search.storage import IndexBusy, IndexStore
from knowledge.search_indexes import ArticleTranslationIndex
from knowledge.services.importing import import_articles
from knowledge.services.publishing import add_phrasings, create_article, publish, save_text, withdraw
from tests.factories import TopicFactory, publish_article
from tests.knowledge.search.held import generation, held, segments_of, store, titles

pytestmark = pytest.mark.django_db


def edit(text: ArticleTranslation, title: str) -> None:
    publish(save_text(article=text.article, language=text.language, title=title, body="Text."))


class TestJobs:
    def test_an_import_queues_one_job(self, commit, jobs):
        rows = [ArticleRow(f"row {n}", f"a{n}", f"Title {n}", "Text.", "en", phrasings=["how"]) for n in range(5)]
        with commit():
            import_articles(rows, should_publish=True)
        assert jobs == ["knowledge.tasks.index_pending"]

    def test_each_transaction_queues_its_own(self, commit, jobs):
        with commit():
            text = publish_article()
        with commit():
            withdraw(text)
        assert jobs == ["knowledge.tasks.index_pending"] * 2

    def test_a_job_that_a_failed_part_asked_for_is_asked_for_again_by_the_next(self, commit, jobs):
        with commit():
            with transaction.atomic():
                publish_article()
                transaction.set_rollback(True)
            publish_article()
        assert jobs == ["knowledge.tasks.index_pending"]

    def test_one_job_does_for_all_that_waits(self, django_assert_max_num_queries):
        maintenance.rebuild()
        texts = [publish_article(f"Parcel {n}") for n in range(12)]
        with django_assert_max_num_queries(12):
            assert maintenance.index_pending() == 12
        assert held() == [text.pk for text in texts]
        assert maintenance.index_pending() == 0

    def test_the_other_languages_of_an_article_are_indexed_with_a_text(self, monkeypatch):
        maintenance.rebuild()
        english = publish_article("Parcel")
        danish = publish_article("Pakke", language="da", article=english.article)
        maintenance.index_pending()
        seen = []
        real = ArticleTranslationIndex.full_prepare
        monkeypatch.setattr(
            ArticleTranslationIndex, "full_prepare", lambda self, text: seen.append(text.pk) or real(self, text)
        )
        maintenance.index_texts([danish.pk])
        assert sorted(seen) == sorted([english.pk, danish.pk])
        assert held() == sorted([english.pk, danish.pk])

    def test_a_text_that_changes_while_it_is_indexed_is_indexed_again(self, monkeypatch):
        maintenance.rebuild()
        text = publish_article("Moths")
        real = writing.write

        def write_and_edit(*args: object) -> None:
            monkeypatch.setattr(writing, "write", real)
            edit(text, "Beetles")
            real(*args)

        monkeypatch.setattr(writing, "write", write_and_edit)
        assert maintenance.index_texts([text.pk]) == 1
        assert ArticleTranslation.objects.needs_indexing().count() == 1
        assert maintenance.index_pending() == 1
        assert titles("beetles") == ["Beetles"]

    def test_a_text_that_cannot_be_indexed_keeps_no_other_out(self, monkeypatch, caplog):
        maintenance.rebuild()
        odd, other = publish_article("Odd parcel"), publish_article("Other parcel")
        real = ArticleTranslationIndex.full_prepare

        def full_prepare(self, text):
            if text.pk == odd.pk:
                raise RecursionError
            return real(self, text)

        monkeypatch.setattr(ArticleTranslationIndex, "full_prepare", full_prepare)
        maintenance.index_pending()
        assert held() == [other.pk]
        assert f"The text {odd.pk} cannot be indexed" in caplog.text
        assert maintenance.index_pending() == 0

    def test_a_text_that_is_gone_leaves_the_index(self):
        text = publish_article()
        maintenance.rebuild()
        pk = text.pk
        text.article.delete()
        maintenance.index_texts([pk])
        assert held() == []

    def test_so_many_texts_that_all_is_built_anew(self, monkeypatch):
        publish_article("Parcel 0")
        maintenance.rebuild()
        before = generation()
        monkeypatch.setattr(maintenance, "_MANY", 3)
        for n in range(1, 4):
            publish_article(f"Parcel {n}")
        assert maintenance.index_pending() == 3
        assert generation() != before
        assert len(held()) == 4
        assert maintenance.index_pending() == 0

    def test_small_segments_are_joined(self):
        maintenance.rebuild()
        for n in range(12):
            publish_article(f"Parcel {n}")
            maintenance.index_pending()
        assert segments_of(generation()) < 10
        assert len(held()) == 12
        assert [titles(f"parcel {n}") for n in range(12)] == [[f"Parcel {n}"] for n in range(12)]


class TestLocks:
    def test_who_finds_the_lock_taken_is_told_and_nothing_is_lost(self, monkeypatch):
        maintenance.rebuild()
        monkeypatch.setattr(maintenance, "_PATIENCE_SECONDS", 0.1)
        publish_article("Moths")
        with store().writing(0), pytest.raises(IndexBusy):
            maintenance.index_pending()
        assert maintenance.sweep() == 1
        assert titles("moths") == ["Moths"]

    def test_the_sweep_leaves_it_to_the_next_one(self, monkeypatch):
        maintenance.rebuild()
        monkeypatch.setattr(maintenance, "_PATIENCE_SECONDS", 0.1)
        publish_article("Moths")
        with store().writing(0):
            assert tasks.sweep_index.delay().get() == 0
        assert tasks.sweep_index.delay().get() == 1

    def test_a_lock_is_waited_for_and_free_when_its_owner_dies(self, hold_the_lock):
        maintenance.rebuild()
        publish_article("Moths")
        owner = hold_the_lock()
        with pytest.raises(IndexBusy), store().writing(0):
            pass
        owner.kill()
        # Waits for less than its patience; nobody has to remove a file.
        assert maintenance.index_pending() == 1
        assert titles("moths") == ["Moths"]


@pytest.fixture
def hold_the_lock() -> Callable[[], subprocess.Popen[str]]:
    """Starts another process that holds the lock of the index."""
    started = []

    def start() -> subprocess.Popen[str]:
        code = (
            "import sys, time; from knowledge.search.storage import IndexStore\n"
            "with IndexStore(sys.argv[1]).writing(5): print('held', flush=True); time.sleep(600)"
        )
        owner = subprocess.Popen([sys.executable, "-c", code, str(store().root)], stdout=subprocess.PIPE, text=True)
        started.append(owner)
        assert owner.stdout is not None
        assert owner.stdout.readline() == "held\n"
        return owner

    yield start
    for owner in started:
        owner.kill()
        owner.communicate()


class TestRebuilding:
    def test_the_command_is_ours_and_says_what_it_did(self, capsys):
        publish_article()
        call_command("rebuild_index", "--noinput")
        assert capsys.readouterr().out.startswith("1 texts indexed in ")
        assert len(held()) == 1

    def test_what_changes_meanwhile_is_in_both_indexes(self, monkeypatch):
        texts = [publish_article(f"Parcel {n}") for n in range(4)]
        maintenance.rebuild()
        monkeypatch.setattr(maintenance, "_BATCH", 2)
        before = generation()
        real = maintenance._serve_the_live_index
        during: list[list[str]] = []

        def serve_and_change(since: datetime) -> None:
            if not during:
                withdraw(texts[0])
                edit(texts[1], "Moths")
                publish_article("Beetles")
            real(since)
            during.append([*titles("moths"), *titles("beetles"), *titles("0")])
            assert generation() == before

        monkeypatch.setattr(maintenance, "_serve_the_live_index", serve_and_change)
        assert maintenance.rebuild() == 4
        # The live index does not wait for the end of the rebuild.
        assert during[-1] == ["Moths", "Beetles"]
        assert generation() != before
        assert [*titles("moths"), *titles("beetles"), *titles("0")] == ["Moths", "Beetles"]
        assert maintenance.index_pending() == 0

    def test_a_rebuild_while_another_goes_on_is_not_started(self):
        publish_article()
        maintenance.rebuild()
        before = generation()
        with store().rebuilding(0):
            with pytest.raises(IndexBusy):
                maintenance.rebuild(patience=0.1)
            assert tasks.repair_index.delay().get() == 0
        assert generation() == before

    def test_a_rebuild_that_dies_leaves_the_old_index_and_the_next_one_clears_up(self, monkeypatch):
        publish_article("Moths")
        maintenance.rebuild()
        before = generation()
        monkeypatch.setattr(IndexStore, "promote", lambda self, path: (_ for _ in ()).throw(MemoryError))
        with pytest.raises(MemoryError):
            maintenance.rebuild()
        assert generation() == before
        assert titles("moths") == ["Moths"]
        monkeypatch.undo()
        for _ in range(3):
            maintenance.rebuild()
        assert len(list(store().root.glob("generation-*"))) == 2

    def test_no_difference_to_the_database_is_left(self):
        kept, lost = publish_article("Moths"), publish_article("Beetles")
        maintenance.rebuild()
        ArticleTranslation.objects.filter(pk=lost.pk).delete()
        ArticleTranslation.objects.filter(pk=kept.pk).update(title="Ants")
        maintenance.rebuild()
        assert held() == [kept.pk]
        assert titles("ants") == ["Ants"]

    def test_it_costs_no_query_a_text(self, django_assert_max_num_queries):
        topic = TopicFactory()
        for n in range(20):
            publish_article(f"Parcel {n}", topic=topic, phrasings=["how"])
        with django_assert_max_num_queries(16):
            maintenance.rebuild()

    def test_it_makes_one_segment(self, monkeypatch):
        monkeypatch.setattr(maintenance, "_BATCH", 2)
        for n in range(7):
            publish_article(f"Parcel {n}")
        maintenance.rebuild()
        assert segments_of(generation()) == 1


class TestHaystackDoors:
    """Commands and plug-ins that know haystack only go through the same lock and the same files."""

    def test_one_object_at_a_time(self):
        text = publish_article("Moths")
        maintenance.rebuild()
        index = ArticleTranslationIndex()
        index.remove_object(text)
        assert held() == []
        index.update_object(text)
        assert held() == [text.pk]

    def test_a_cleared_index_is_filled_again_by_the_sweep(self):
        text = publish_article("Moths")
        maintenance.rebuild()
        call_command("clear_index", "--noinput", verbosity=0)
        assert held() == []
        assert maintenance.sweep() == 1
        assert held() == [text.pk]


def test_drafts_never_come_in():
    save_text(article=create_article(key="a"), language="en", title="Moths", body="Text.")
    withdrawn = publish_article("Beetles")
    withdraw(withdrawn)
    maintenance.rebuild()
    assert held() == []
    add_phrasings(withdrawn.article, "en", ["moths"])
    assert maintenance.index_pending() == 1
    assert maintenance.index_pending() == 0
    assert held() == []
