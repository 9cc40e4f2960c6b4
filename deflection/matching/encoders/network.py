"""The network of multilingual-e5-small as an ONNX graph, in floats or in integers.

The integers follow three ideas, because a plain cut to 8 bits moves the vectors noticeably (cosine 0.995):
- Before a multiplication each input channel is divided by a factor, and the weights are multiplied by it, so that no
  channel is much larger than the others (G. Xiao et al.: SmoothQuant, 2023, with alpha 0.5).
- The few channels that are large all the same stay floats (T. Dettmers et al.: LLM.int8, 2022). Without that, a run of
  one character, whose tokens all err alike, strays to 0.994.
- Weights have 7 bits: processors without VNNI add two products of bytes in 16 bits, which 8 bits would overflow.
  With 7, their vectors agree with those of other processors (cosine 0.9998).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from deflection.matching.encoders.packed import Floats, PackedModel

INPUT, OUTPUT = "embedded", "hidden"
_OURS = "com.microsoft"
_LARGEST_WEIGHT = 64
_FLOAT_CHANNELS = 16
_SMALLEST = 1e-5


@dataclass(frozen=True)
class Dense:
    """One multiplication: what it is called, what goes in, weights (inputs by outputs) and bias."""

    name: str
    source: str
    weights: Floats
    bias: Floats


@dataclass
class Graph:
    """Operations and constants, in order."""

    operations: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operation: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.operations.append(helper.make_node(operation, inputs, [output], **attributes))
        return output

    def model(self, hidden: int, outputs: list[str]) -> bytes:
        shape: list[str | int | None] = [1, "tokens", hidden]
        graph = helper.make_graph(
            self.operations,
            "encoder",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            self.constants,
        )
        versions = [helper.make_opsetid("", 17), helper.make_opsetid(_OURS, 1)]
        made: bytes = helper.make_model(graph, opset_imports=versions, ir_version=8).SerializeToString()
        return made


Multiply = Callable[[Graph, Dense], str]


def float_network(model: PackedModel) -> tuple[bytes, dict[str, str]]:
    """The network as it is, which also puts out what goes into each multiplication: output by multiplication."""
    sources: dict[str, str] = {}

    def multiply(graph: Graph, dense: Dense) -> str:
        sources[dense.name] = dense.source
        return _in_floats(graph, dense)

    graph = _network(model, multiply)
    return graph.model(model.sizes.hidden, [OUTPUT, *sorted(set(sources.values()))]), sources


def integer_network(model: PackedModel, peaks: Mapping[str, Floats]) -> bytes:
    """The network in integers. `peaks` has the largest value of each channel by multiplication."""

    def multiply(graph: Graph, dense: Dense) -> str:
        return _in_integers(graph, dense, peaks[dense.name])

    return _network(model, multiply).model(model.sizes.hidden, [OUTPUT])


def _in_floats(graph: Graph, dense: Dense) -> str:
    weights = graph.constant(f"{dense.name}.weights", dense.weights)
    product = graph.add("MatMul", [dense.source, weights], f"{dense.name}.product")
    return graph.add("Add", [product, graph.constant(f"{dense.name}.bias", dense.bias)], dense.name)


def _in_integers(graph: Graph, dense: Dense, peaks: Floats) -> str:
    peaks = np.maximum(peaks, _SMALLEST)
    apart = np.argsort(peaks)[-_FLOAT_CHANNELS:]
    factors = np.sqrt(peaks / np.maximum(np.abs(dense.weights).max(axis=1), _SMALLEST))
    shrink, grow = 1 / factors, factors
    shrink[apart] = grow[apart] = 0
    weights = dense.weights * grow[:, None]
    scales = np.maximum(np.abs(weights).max(axis=0), _SMALLEST) / _LARGEST_WEIGHT
    even = graph.add("Mul", [dense.source, graph.constant(f"{dense.name}.shrink", shrink)], f"{dense.name}.even")
    inputs = [
        even,
        graph.constant(f"{dense.name}.weights", np.round(weights / scales).astype(np.int8)),
        graph.constant(f"{dense.name}.scales", scales),
        graph.constant(f"{dense.name}.zeros", np.zeros(len(scales), np.int8)),
        graph.constant(f"{dense.name}.bias", dense.bias),
    ]
    most = graph.add("DynamicQuantizeMatMul", inputs, f"{dense.name}.most", domain=_OURS)
    channels = graph.constant(f"{dense.name}.apart", apart)
    rest = graph.add("Gather", [dense.source, channels], f"{dense.name}.large", axis=2)
    weights_apart = graph.constant(f"{dense.name}.weights_apart", dense.weights[apart])
    rest = graph.add("MatMul", [rest, weights_apart], f"{dense.name}.rest")
    return graph.add("Add", [most, rest], dense.name)


def _network(model: PackedModel, multiply: Multiply) -> Graph:
    graph = Graph()
    state = _levelled(graph, model, "emb.ln", INPUT)
    for number in range(model.sizes.layers):
        state = _layer(graph, model, multiply, f"l{number}", state)
    graph.add("Identity", [state], OUTPUT)
    return graph


def _layer(graph: Graph, model: PackedModel, multiply: Multiply, layer: str, state: str) -> str:
    """Attention, then the two-step transformation of each token, each added to what came in."""
    hidden, inner = model.sizes.hidden, model.sizes.inner
    parts = [f"{layer}.{part}" for part in "qkv"]
    weights = np.concatenate([model.matrix(f"{part}.w", hidden) for part in parts], axis=1)
    bias = np.concatenate([model.floats(f"{part}.b") for part in parts])
    three = multiply(graph, Dense(f"{layer}.qkv", state, weights, bias))
    widths = graph.constant(f"{layer}.widths", np.array([hidden] * 3, np.int64))
    graph.operations.append(helper.make_node("Split", [three, widths], parts, axis=2))
    heads = {"num_heads": model.sizes.heads, "domain": _OURS}
    seen = graph.add("MultiHeadAttention", parts, f"{layer}.seen", **heads)

    def dense(part: str, source: str, inputs: int) -> str:
        name = f"{layer}.{part}"
        matrix, bias = model.matrix(f"{name}.w", inputs), model.floats(f"{name}.b")
        return multiply(graph, Dense(name, source, matrix, bias))

    attended = graph.add("Add", [state, dense("ao", seen, hidden)], f"{layer}.attended")
    state = _levelled(graph, model, f"{layer}.aln", attended)
    wide = graph.add("Gelu", [dense("fi", state, hidden)], f"{layer}.wide", domain=_OURS)
    changed = graph.add("Add", [state, dense("fo", wide, inner)], f"{layer}.changed")
    return _levelled(graph, model, f"{layer}.oln", changed)


def _levelled(graph: Graph, model: PackedModel, name: str, source: str) -> str:
    """Layer normalisation."""
    scale = graph.constant(f"{name}.scale", model.floats(f"{name}.w"))
    shift = graph.constant(f"{name}.shift", model.floats(f"{name}.b"))
    return graph.add("LayerNormalization", [source, scale, shift], name, axis=-1, epsilon=model.sizes.epsilon)
