"""The part of onnxruntime that Svar uses; the package has no types of its own."""

from typing import Any

class SessionOptions:
    intra_op_num_threads: int
    inter_op_num_threads: int
    enable_cpu_mem_arena: bool
    enable_mem_pattern: bool
    log_severity_level: int

class NodeArg:
    name: str

class InferenceSession:
    def __init__(
        self, model: bytes | str, options: SessionOptions, *, providers: list[str], disabled_optimizers: list[str]
    ) -> None: ...
    def get_inputs(self) -> list[NodeArg]: ...
    def get_outputs(self) -> list[NodeArg]: ...
    def run(self, outputs: list[str], inputs: dict[str, Any]) -> list[Any]: ...
