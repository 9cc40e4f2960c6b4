"""The admin of the matcher: when it may speak, and what it has learned."""

from deflection.admin import phrasings, rejections, settings

__all__ = ["phrasings", "rejections", "settings"]
