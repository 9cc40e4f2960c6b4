"""The admin of the matcher: when it may speak, and what it has learned."""

from deflection.admin import holdout, phrasings, rejections, settings

__all__ = ["holdout", "phrasings", "rejections", "settings"]
