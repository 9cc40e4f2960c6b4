"""The admin of the matcher: when it may speak, and what it has learned."""

from deflection.admin import help_rules, holdout, phrasings, rejections, settings

__all__ = ["help_rules", "holdout", "phrasings", "rejections", "settings"]
