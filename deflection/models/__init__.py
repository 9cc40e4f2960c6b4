from deflection.models.drafts import ContactDraft, Upload, UploadPart
from deflection.models.help_rules import HelpInContext, HelpRule
from deflection.models.holdout import Assignment, HoldoutRound, Outcome
from deflection.models.journeys import Journey, JourneyEvent, SpokenReference
from deflection.models.matching import (
    DEFAULT_THRESHOLD,
    LearningProgress,
    MatchingSettings,
    Rejection,
    current_threshold,
)

__all__ = [
    "DEFAULT_THRESHOLD",
    "Assignment",
    "ContactDraft",
    "HelpInContext",
    "HelpRule",
    "HoldoutRound",
    "Journey",
    "JourneyEvent",
    "LearningProgress",
    "MatchingSettings",
    "Outcome",
    "Rejection",
    "SpokenReference",
    "Upload",
    "UploadPart",
    "current_threshold",
]
