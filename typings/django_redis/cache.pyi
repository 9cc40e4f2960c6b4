from typing import Any

from django.core.cache.backends.base import BaseCache

class RedisCache(BaseCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None: ...
    # None where Redis is away and that is to be ignored.
    def add(self, key: Any, value: Any, timeout: Any = ..., *args: Any, **kwargs: Any) -> bool | None: ...  # type: ignore[override]
    def delete(self, key: Any, *args: Any, **kwargs: Any) -> bool | None: ...  # type: ignore[override]
