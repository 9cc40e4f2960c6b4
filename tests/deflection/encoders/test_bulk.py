"""Vectors of many texts: only what is new is computed, and no state of the file on disk is an error."""

from __future__ import annotations

import multiprocessing
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from deflection.matching.encoders import VectorCache, cache, vectors
from tests.deflection.encoders.conftest import CountingEncoder

TEXTS = ["parcel late", "refund", "", "parcel late", "password", "\0"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "encoder" / "vectors.sqlite3"


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    day = [20_000]
    monkeypatch.setattr(cache, "_today", lambda: day[0])
    return day


def _rows(encoder: CountingEncoder, file: Path, texts: list[str] = TEXTS, threads: int = 1) -> np.ndarray:
    return vectors(texts, "passage", encoder, threads=threads, cache=VectorCache(file))


def test_rows_stand_in_order(counting: CountingEncoder, file: Path) -> None:
    rows = _rows(counting, file)
    assert rows.dtype == np.float32
    assert np.allclose(rows, CountingEncoder().encode(TEXTS, "passage"), atol=1e-3)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 0, 1, 1, 0], abs=1e-6)


def test_no_texts(counting: CountingEncoder, file: Path) -> None:
    assert _rows(counting, file, []).shape == (0, counting.dimensions)


def test_each_text_is_computed_once(counting: CountingEncoder, file: Path) -> None:
    first = _rows(counting, file)
    assert sorted(counting.asked) == ["", "parcel late", "password", "refund"]
    assert np.array_equal(_rows(counting, file), first)
    assert len(counting.asked) == 4
    _rows(counting, file, [*TEXTS, "new"])
    assert counting.asked[4:] == ["new"]


def test_another_encoder_or_kind_is_another_vector(counting: CountingEncoder, file: Path) -> None:
    _rows(counting, file)
    other = CountingEncoder("other letters")
    _rows(other, file)
    vectors(TEXTS, "question", counting, cache=VectorCache(file))
    assert (len(other.asked), len(counting.asked)) == (4, 8)


def test_more_than_a_portion_and_two_threads(counting: CountingEncoder, file: Path) -> None:
    texts = [f"{'abcdefghij'[number % 10] * (number % 7)} {'kl' * (number // 70)}" for number in range(5000)]
    rows = _rows(counting, file, texts, threads=2)
    assert np.array_equal(rows, _rows(counting, file, texts))
    assert np.allclose(rows, CountingEncoder().encode(texts, "passage"), atol=1e-3)


@pytest.mark.parametrize("damage", [b"", b"no database at all " * 500, None])
def test_a_damaged_file_is_begun_anew(counting: CountingEncoder, file: Path, damage: bytes | None) -> None:
    wanted = _rows(counting, file, [f"text {number}" for number in range(1000)])
    whole = file.read_bytes()
    # None: a file of which the second half is from elsewhere.
    file.write_bytes(whole[: len(whole) // 2] + b"\xff" * (len(whole) // 2) if damage is None else damage)
    for _ in range(2):
        assert np.array_equal(_rows(counting, file, [f"text {number}" for number in range(1000)]), wanted)
    asked = len(counting.asked)
    _rows(counting, file, [f"text {number}" for number in range(1000)])
    assert len(counting.asked) == asked


def test_a_vector_of_another_length_is_not_used(counting: CountingEncoder, file: Path) -> None:
    wanted = _rows(counting, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE vectors SET vector = x'00ff'")
    assert np.array_equal(_rows(counting, file), wanted)


def test_without_a_place_to_write(counting: CountingEncoder, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    rows = _rows(counting, tmp_path / "taken" / "vectors.sqlite3")
    assert rows[0].any()


def test_while_another_process_holds_the_file(
    counting: CountingEncoder, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = _rows(counting, file)
    monkeypatch.setattr(cache, "_PATIENCE_SECONDS", 0.05)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        assert np.array_equal(_rows(counting, file, TEXTS), wanted)
    assert file.is_file()


def _write(file: Path, first: int) -> None:
    for number in range(20):
        _rows(CountingEncoder(), file, [f"{chr(97 + first)} {number} {part}" for part in range(30)])


def test_writers_at_the_same_time(counting: CountingEncoder, file: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(file, first)) for first in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    texts = [f"{letter} {number} {part}" for letter in "abc" for number in range(20) for part in range(30)]
    _rows(counting, file, texts)
    assert counting.asked == []


def test_what_nobody_asks_for_goes(counting: CountingEncoder, file: Path, today: list[int]) -> None:
    _rows(counting, file, ["stays", "goes"])
    today[0] += 20
    _rows(counting, file, ["stays"])
    today[0] += 20
    _rows(counting, file, ["new"])
    counting.asked.clear()
    _rows(counting, file, ["stays", "goes", "new"])
    assert counting.asked == ["goes"]


def test_no_more_than_fits(
    counting: CountingEncoder, file: Path, today: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_MOST_ROWS", 3)
    _rows(counting, file, ["one", "two"])
    today[0] += 1
    _rows(counting, file, ["three", "four", "five"])
    counting.asked.clear()
    _rows(counting, file, ["three", "four", "five"])
    assert counting.asked == []
    _rows(counting, file, ["one"])
    assert counting.asked == ["one"]
