"""The centre from which questions are seen follows what is asked."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from deflection.matching.meaning import QuestionCentre, centred

EAST = np.array([1, 0, 0], np.float32)
NORTH = np.array([0, 1, 0], np.float32)


def distance(centre: QuestionCentre, vector: np.ndarray) -> float:
    return float(np.linalg.norm(centre.mean - vector))


def northern(count: int) -> np.ndarray:
    """Questions that have little in common but a leaning to the north; their middle is `MIDDLE`."""
    wide = np.random.default_rng(0).standard_normal((count, 60)).astype(np.float32)
    wide[:, 0] = 0
    wide[:, 1] = 6
    return wide / np.linalg.norm(wide, axis=1, keepdims=True)


MIDDLE = np.zeros(60, np.float32)
MIDDLE[1] = 0.62
WIDE_EAST = np.zeros(60, np.float32)
WIDE_EAST[0] = 1


def test_it_follows_what_is_asked():
    centre = QuestionCentre.of(np.array([WIDE_EAST, WIDE_EAST]))
    before = distance(centre, MIDDLE)
    for question in northern(100):
        centre.see(question)
    assert distance(centre, MIDDLE) < before / 3


def test_one_question_asked_again_and_again_counts_once():
    """So does a text that grows while it is written."""
    once, often = (QuestionCentre.of(np.array([EAST, EAST])) for _ in range(2))
    once.see(NORTH)
    for grown in (NORTH, np.array([0.1, 0.99, 0], np.float32), NORTH, NORTH):
        often.see(grown)
    assert often.mean == pytest.approx(once.mean)


def test_one_question_moves_it_little():
    centre = QuestionCentre.of(np.array([EAST, EAST]))
    centre.see(NORTH)
    assert 0 < distance(centre, EAST) < 0.1


def test_the_more_examples_count_the_slower_it_moves():
    light, heavy = QuestionCentre.of(EAST[None], 10.0), QuestionCentre.of(EAST[None], 100.0)
    light.see(NORTH)
    heavy.see(NORTH)
    assert distance(light, NORTH) < distance(heavy, NORTH)


def test_it_forgets_slowly_and_still_forgets_after_very_many_questions():
    centre = QuestionCentre(WIDE_EAST.copy(), 1_000_000.0)
    questions = northern(10_000)
    for question in questions[:100]:
        centre.see(question)
    assert distance(centre, WIDE_EAST) < 0.1
    for question in questions[100:]:
        centre.see(question)
    assert distance(centre, MIDDLE) < 0.1


def test_a_question_is_seen_from_where_the_centre_was_before():
    centre = QuestionCentre.of(np.array([EAST, NORTH]))
    first_seen = centre.see(EAST)
    assert first_seen == pytest.approx(centred(EAST[None], np.array([0.5, 0.5, 0], np.float32))[0])
    assert np.linalg.norm(first_seen) == pytest.approx(1, abs=1e-5)


def test_a_question_at_the_centre_itself_is_no_direction_and_no_error():
    assert QuestionCentre.of(EAST[None]).see(EAST).tolist() == [0, 0, 0]


def test_texts_seen_from_their_middle_lie_on_all_sides():
    chance = np.random.default_rng(0)
    cone = (EAST * 5 + chance.normal(size=(50, 3))).astype(np.float32)
    seen = centred(cone)
    assert np.abs(seen.mean(axis=0)).max() < 0.2
    assert np.linalg.norm(seen, axis=1) == pytest.approx(np.ones(50), abs=1e-5)


def test_eight_threads_at_once():
    centre = QuestionCentre.of(np.array([WIDE_EAST, WIDE_EAST]))
    questions = northern(500)
    seen: list[bool] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        lengths = [float(np.linalg.norm(centre.see(question))) for question in questions]
        seen.append(lengths == pytest.approx([1.0] * 500, abs=1e-3))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 8
    assert distance(centre, MIDDLE) < 0.2
