"""What services raise when a rule says no; the sentence is translated and fit for the reader."""


class TicketError(Exception):
    """A rule was broken. `str()` is a sentence for the person who tried."""


class DeliveryError(Exception):
    """A message could not be handed over. `is_permanent` means that trying again is of no use."""

    def __init__(self, message: str, *, is_permanent: bool = False) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent
