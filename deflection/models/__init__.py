from deflection.models.journeys import Journey, JourneyEvent
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
    "current_threshold",
]
