"""The cache in Redis, which a dead Redis must not turn against people."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import RedisCache


class ForgivingRedisCache(RedisCache):
    """While Redis is away, what one claims with `add` is claimed in this process's own memory.

    `RedisCache` then answers None, which reads as "somebody else has it": whoever waits for a lock never gets it, and
    nobody could log in, whose attempts are counted under one.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._claims = LocMemCache("claims-while-redis-is-away", {})

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, *args: Any, **kwargs: Any) -> bool:
        added = super().add(key, value, timeout, *args, **kwargs)
        return self._claims.add(key, value, timeout) if added is None else bool(added)

    def delete(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        deleted = super().delete(key, *args, **kwargs)
        return self._claims.delete(key) if deleted is None else bool(deleted)
