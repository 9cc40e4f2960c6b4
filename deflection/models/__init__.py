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
    "Journey",
    "JourneyEvent",
    "LearningProgress",
    "MatchingSettings",
    "Rejection",
    "SpokenReference",
    "current_threshold",
]
