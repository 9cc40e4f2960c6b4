"""Which encoder a process has; embeddings that cannot be had never cost more than themselves."""

from __future__ import annotations

import importlib.util
import json
import logging
import sys
from pathlib import Path

import numpy as np
import pytest

from deflection.matching.encoders import EncoderError, current, current_encoder
from deflection.matching.encoders.current import RememberingEncoder
from tests.deflection.encoders.conftest import CountingEncoder


@pytest.fixture(autouse=True)
def _nothing_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "_loaded", {})


def _local_model(folder: Path, habits: dict[str, object] | None = None) -> Path:
    """A model of four words, whose vectors are easy to reckon."""
    onnx = pytest.importorskip("onnx")
    tokenizers = pytest.importorskip("tokenizers")
    pytest.importorskip("onnxruntime")
    folder.mkdir()
    words = {"[UNK]": 0, "parcel": 1, "late": 2, "ask": 3}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    helper, kind = onnx.helper, onnx.TensorProto
    table = onnx.numpy_helper.from_array(np.eye(4, 3, k=-1, dtype=np.float32), "table")
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["tokens"])],
        "words",
        [helper.make_tensor_value_info("input_ids", kind.INT64, [1, "n"])],
        [helper.make_tensor_value_info("tokens", kind.FLOAT, [1, "n", 3])],
        [table],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "model.onnx")
    if habits is not None:
        (folder / "svar.json").write_text(json.dumps(habits), encoding="utf-8")
    return folder


def test_off(settings) -> None:
    settings.SVAR_SEMANTIC = "off"
    assert current_encoder() is None


def test_without_the_extra(settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    settings.SVAR_SEMANTIC = "auto"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert current_encoder() is None
    assert not caplog.records


def test_the_slow_engine_where_the_fast_one_is_missing(
    settings, weights: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SVAR_SEMANTIC = "auto"
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    for name in ("compact", "sessions"):
        monkeypatch.delitem(sys.modules, f"deflection.matching.encoders.{name}", raising=False)
    encoder = current_encoder()
    assert encoder is not None
    assert encoder.name.startswith("e5-small-nano")
    rows = encoder.encode(["hej\0då", "", "x" * 100_000], "question")
    assert rows.shape == (3, encoder.dimensions)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 0, 1], abs=1e-5)
    assert "slow engine" in caplog.text


def test_one_a_process(settings, tmp_path: Path) -> None:
    settings.SVAR_SEMANTIC = str(_local_model(tmp_path / "words"))
    assert current_encoder() is current_encoder()


def test_a_failure_is_said_once(settings, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = _local_model(tmp_path / "words")
    (folder / "model.onnx").write_bytes(b"no model")
    settings.SVAR_SEMANTIC = str(folder)
    with caplog.at_level(logging.WARNING):
        assert current_encoder() is None
        assert current_encoder() is None
    assert caplog.text.count("without sentence embeddings") == 1


def test_a_model_by_path(settings, tmp_path: Path) -> None:
    settings.SVAR_SEMANTIC = str(_local_model(tmp_path / "words"))
    encoder = current_encoder()
    assert encoder is not None
    assert encoder.dimensions == 3
    rows = encoder.encode(["parcel late", "", "late"], "passage")
    assert rows == pytest.approx(np.array([[0.5**0.5, 0.5**0.5, 0], [0, 0, 0], [0, 1, 0]]), abs=1e-6)


def test_its_prefixes_and_its_length(tmp_path: Path) -> None:
    from deflection.matching.encoders.local import LocalEncoder

    encoder = LocalEncoder(_local_model(tmp_path / "words", {"question_prefix": "ask ", "most_tokens": 2}))
    assert encoder.encode(["parcel late"], "question") == pytest.approx(np.array([[0.5**0.5, 0, 0.5**0.5]]), abs=1e-6)
    assert encoder.encode(["parcel"], "passage") == pytest.approx(np.array([[1, 0, 0]]), abs=1e-6)


def test_its_name_changes_with_what_decides_the_vectors(tmp_path: Path) -> None:
    from deflection.matching.encoders.local import LocalEncoder

    folder = _local_model(tmp_path / "words")
    before = LocalEncoder(folder).name
    (folder / "svar.json").write_text('{"passage_prefix": "ask "}', encoding="utf-8")
    assert LocalEncoder(folder).name != before


@pytest.mark.parametrize("habits", ['{"prefix": "ask"}', "[]", "{", '"text"'])
def test_habits_that_are_not_understood(tmp_path: Path, habits: str) -> None:
    from deflection.matching.encoders.local import LocalEncoder

    folder = _local_model(tmp_path / "words")
    (folder / "svar.json").write_text(habits, encoding="utf-8")
    with pytest.raises(EncoderError, match="understood"):
        LocalEncoder(folder)


def test_the_last_questions_are_remembered(counting: CountingEncoder) -> None:
    encoder = RememberingEncoder(counting)
    first = encoder.encode(["my parcel"], "question")
    first[:] = 7
    assert np.array_equal(encoder.encode([" my  parcel\n"], "question"), counting.encode(["my parcel"], "question"))
    assert counting.asked == ["my parcel"] * 2
    encoder.encode(["my parcel"], "passage")
    assert len(counting.asked) == 3


def test_remembering_has_an_end(counting: CountingEncoder) -> None:
    encoder = RememberingEncoder(counting)
    for number in range(300):
        encoder.encode([f"question {number}"], "question")
    encoder.encode(["question 299"], "question")
    assert len(counting.asked) == 300
    encoder.encode(["question 0"], "question")
    assert len(counting.asked) == 301
