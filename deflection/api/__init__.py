"""The public API of self-service: suggestions, the steps of a visit, and sending a case."""

from deflection.api.cases import TicketsView
from deflection.api.journeys import JourneyEventsView, JourneysView
from deflection.api.suggestions import ChannelItem, SuggestionsView, channel_data

__all__ = ["ChannelItem", "JourneyEventsView", "JourneysView", "SuggestionsView", "TicketsView", "channel_data"]
