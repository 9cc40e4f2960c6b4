from deflection.models.journeys import Journey, JourneyEvent

__all__ = ["Journey", "JourneyEvent"]
