from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

def ratelimit(
    group: str | None = ...,
    key: str | Callable[..., str] | None = ...,
    rate: str | Callable[..., str] | None = ...,
    method: str | list[str] | tuple[str, ...] = ...,
    block: bool = ...,
) -> Callable[[View], View]: ...
