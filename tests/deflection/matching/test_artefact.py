"""What was learned, on disk: read as it was written, or noticed and learned anew."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.core.cache import cache

from deflection.matching import artefact, matcher
from deflection.matching.matcher import is_stale, match, retrain
from deflection.matching.model import Model
from deflection.matching.training import train
from tests.deflection.matching.sites import GIFT_CARD, REFUND, ConceptEncoder, ask, document, shop
from tests.factories import publish_article

TASK = "deflection.tasks.train_matcher"
QUESTION = "When do I get my refund?"


def texts_of(model: Model) -> list[list[tuple[int, float, int | None]]]:
    asked = (QUESTION, "my voucher is refused", "I moved", "qwx zzrt plomf", "")
    return [[(one.article_id, one.probability, one.section) for one in ask(model, text)] for text in asked]


@pytest.fixture
def article(db):
    publish_article("Where is my parcel?", "The link in the mail shows it.")
    return publish_article(QUESTION, "Within five working days.", phrasings=["where is my money back"]).article


@pytest.fixture
def generation(article, asked_for) -> Path:
    """What was learned of two articles, and has been served."""
    assert retrain() is True
    assert match(QUESTION, "en")
    found = artefact.store().current()
    assert found is not None
    asked_for.clear()
    return found


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """As another process, a while later, that has mapped nothing yet."""

    def begin_anew() -> None:
        monkeypatch.setattr(matcher, "_loaded", None)
        cache.clear()

    return begin_anew


@pytest.mark.parametrize("rejections", [{}, {GIFT_CARD: ("my voucher is refused",)}])
def test_what_is_read_ranks_as_what_was_written(rejections):
    model = train(shop(rejections=rejections))
    assert texts_of(artefact.load(artefact.save(model, "1"))) == texts_of(model)


def test_also_with_vectors_and_several_languages():
    encoder = ConceptEncoder()
    model = train(
        [*shop(with_phrasings=False), document(100, "Paket", "Länken visar det.", "sv")], encoder.encode, encoder.name
    )
    loaded = artefact.load(artefact.save(model, "1"))
    assert loaded.encoder_name == "concepts"
    for text, language in ((QUESTION, "en"), ("paket", "sv"), ("lösenord", "sv")):
        assert loaded.rank(text, language, encoder.encode) == model.rank(text, language, encoder.encode)


def test_of_many_articles_too():
    """More than 600 go the shorter way."""
    named = [document(n, f"Part {n:03}x", phrasings=(f"spare {n:03}x",) if n < 20 else ()) for n in range(1, 602)]
    model = train(named)
    loaded = artefact.load(artefact.save(model, "1"))
    assert ask(loaded, "where is part 317x") == ask(model, "where is part 317x")
    assert ask(loaded, "where is part 317x")[0].article_id == 317


def test_nothing_learned_is_written_and_read_too():
    assert ask(artefact.load(artefact.save(train([]), "1")), QUESTION) == []


def test_reading_it_can_run_nothing(generation):
    for path in generation.rglob("*.npy"):
        np.load(path, allow_pickle=False)
    assert {path.suffix for path in generation.rglob("*") if path.is_file()} == {".npy", ".json"}


def _cut_short(generation: Path) -> None:
    path = generation / "en" / "texts.whole.postings.values.npy"
    path.write_bytes(path.read_bytes()[:-3])


def _empty(generation: Path) -> None:
    (generation / "en" / "texts.letters.columns.idf.npy").write_bytes(b"")


def _garbage(generation: Path) -> None:
    (generation / "en" / "texts.article_ids.npy").write_bytes(b"\x00garbage\xff" * 40)


def _missing(generation: Path) -> None:
    (generation / "en" / "texts.pieces.columns.numbers.npy").unlink()


def _no_language(generation: Path) -> None:
    shutil.rmtree(generation / "en")


def _no_about(generation: Path) -> None:
    (generation / "about.json").unlink()


def _no_generation(generation: Path) -> None:
    shutil.rmtree(generation)


def _about(text: str) -> Callable[[Path], None]:
    def damage(generation: Path) -> None:
        (generation / "about.json").write_bytes(text.encode("latin-1"))

    return damage


DAMAGES = {
    "a torn array": _cut_short,
    "an empty array": _empty,
    "an array of garbage": _garbage,
    "an array is missing": _missing,
    "a language is missing": _no_language,
    "about is missing": _no_about,
    "about is empty": _about(""),
    "about is cut": _about('{"stamp": "3'),
    "about is a list": _about("[]"),
    "about is null": _about("null"),
    "about is not text": _about("\xff\xfe\x00"),
    "about without its parts": _about('{"stamp": "1", "encoder": ""}'),
    "all of it is gone": _no_generation,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_met_with_silence_and_mended(generation, asked_for, forget, damage):
    damage(generation)
    forget()
    assert match(QUESTION, "en") == []
    assert set(asked_for) == {TASK}
    assert is_stale()
    assert retrain() is True
    assert match(QUESTION, "en")
    assert not is_stale()


def test_a_lost_encoder_name_is_damage(generation, asked_for, forget):
    about = json.loads((generation / "about.json").read_text())
    del about["encoder"]
    (generation / "about.json").write_text(json.dumps(about))
    forget()
    assert match(QUESTION, "en") == []
    assert TASK in asked_for


def test_each_missing_file_is_noticed():
    encoder = ConceptEncoder()
    generation = artefact.save(
        train(shop(rejections={REFUND: ("where is my money",)}), encoder.encode, encoder.name), "1"
    )
    unnoticed = []
    for path in sorted(generation.rglob("*.npy")):
        content = path.read_bytes()
        path.unlink()
        try:
            artefact.load(generation)
        except artefact.Damaged:
            pass
        else:
            unnoticed.append(path.name)
        path.write_bytes(content)
    assert unnoticed == []


def test_a_damaged_generation_is_not_read_at_each_question(generation, asked_for, forget, monkeypatch):
    _cut_short(generation)
    forget()
    tried = []
    load = artefact.load
    monkeypatch.setattr(artefact, "load", lambda path: tried.append(path) or load(path))
    assert [match(QUESTION, "en") for _ in range(3)] == [[], [], []]
    assert len(tried) == 1


def test_damage_done_to_what_is_mapped_already_does_not_reach_the_reader(generation, asked_for):
    shutil.rmtree(generation / "en")
    assert match(QUESTION, "en")


def test_a_training_that_dies_half_way_leaves_what_was_there(generation, asked_for, forget, monkeypatch):
    written = []
    save = np.save

    def full_disk(path, array, **options):
        written.append(path)
        if len(written) > 5:
            raise OSError(28, "No space left on device")
        save(path, array, **options)

    publish_article("Gift cards", "Buy one here.")
    with monkeypatch.context() as patched:
        patched.setattr(np, "save", full_disk)
        with pytest.raises(OSError, match="No space"):
            retrain()
    forget()
    assert artefact.store().current() == generation
    assert match(QUESTION, "en")
    assert is_stale()
    assert retrain() is True
    assert [one.article_id for one in match("Gift cards", "en")]


def test_what_died_half_way_is_cleared_away(generation, article):
    left = artefact.store().new_generation()
    (left / "about.json").write_text("{}")
    assert artefact.store().current() == generation
    publish_article("Gift cards", "Buy one here.")
    retrain()
    assert not left.exists()


def test_what_other_code_wrote_is_not_read(generation, asked_for, forget, monkeypatch):
    monkeypatch.setattr(artefact, "FORMAT", artefact.FORMAT + 1)
    forget()
    assert match(QUESTION, "en") == []
    assert asked_for == [TASK]
    assert retrain() is True
    assert match(QUESTION, "en")


def test_a_second_time_there_is_nothing_to_do(article):
    assert [retrain(), retrain(), retrain()] == [True, False, False]


def test_two_at_once(article, monkeypatch):
    """The second finds the first at work, and leaves it to it."""
    second = []
    learn = matcher.learn

    def while_learning(*given):
        second.append(retrain())
        return learn(*given)

    monkeypatch.setattr(matcher, "learn", while_learning)
    assert retrain() is True
    assert second == [False]


def test_while_another_process_learns(generation, asked_for):
    publish_article("Gift cards", "Buy one here.")
    with artefact.store().rebuilding(patience=0):
        assert retrain() is False
        assert match(QUESTION, "en")
    assert retrain() is True


def test_a_dead_trainer_keeps_nobody_out(article):
    held = threading.Event()

    def die() -> None:
        with artefact.store().rebuilding(patience=0):
            held.set()

    thread = threading.Thread(target=die)
    thread.start()
    thread.join()
    assert held.is_set()
    assert retrain() is True


def test_what_is_newer_is_served_at_once(generation, asked_for):
    new = publish_article("Gift cards", "Buy one here.").article
    assert new.pk not in [one.article_id for one in match("Gift cards", "en")]
    retrain()
    assert match("Gift cards", "en")[0].article_id == new.pk


def test_readers_of_the_generation_before_are_not_cut_off(generation, asked_for):
    publish_article("Gift cards", "Buy one here.")
    retrain()
    assert generation.exists()
    assert artefact.load(generation).languages


def test_before_the_first_training(article, asked_for):
    assert match(QUESTION, "en") == []
    assert asked_for == [TASK]


def test_an_empty_question_reads_nothing(article, asked_for, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert match(" \n", "en", subject="\t") == []
    assert asked_for == []


def test_a_site_without_articles(db, asked_for):
    assert retrain() is True
    assert match(QUESTION, "en") == []
    assert retrain() is False
