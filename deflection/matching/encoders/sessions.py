"""Running an ONNX network, as fast as one core can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from deflection.matching.encoders.base import EncoderError

_ERRORS_ONLY = 3


class OnnxSession:
    """A loaded network. One thread a call, any number of calls at a time; other Python code runs meanwhile."""

    def __init__(self, model: bytes | Path) -> None:
        options = onnxruntime.SessionOptions()
        # A web worker answers many at a time; the threads of each call would only get in each other's way.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # Both keep memory in stock for the longest text ever seen: 13 MB for no time won.
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False
        options.log_severity_level = _ERRORS_ONLY
        try:
            self._session = onnxruntime.InferenceSession(
                model if isinstance(model, bytes) else str(model),
                options,
                providers=["CPUExecutionProvider"],
                # The two operations that this would join are four times as fast apart.
                disabled_optimizers=["SkipLayerNormFusion"],
            )
        except Exception as error:  # onnxruntime's errors have no common class below Exception
            raise EncoderError(f"The network cannot be loaded: {error}") from error
        self.inputs = [one.name for one in self._session.get_inputs()]
        self._first_output = self._session.get_outputs()[0].name

    def run(self, outputs: Sequence[str], inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """The named outputs, in order."""
        found: list[NDArray[np.float32]] = self._session.run(list(outputs), dict(inputs))
        return found

    def mean(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """For one text: the mean of the first output over the tokens, or that output where it is one vector."""
        (found,) = self.run([self._first_output], inputs)
        return np.asarray(found[0].mean(axis=0) if found.ndim > 2 else found[0], dtype=np.float32)
