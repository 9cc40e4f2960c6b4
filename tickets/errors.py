"""What services raise when a rule says no; the sentence is translated and fit for the reader."""


class TicketError(Exception):
    """A rule was broken. `str()` is a sentence for the person who tried."""


class DeliveryError(Exception):
    """A message could not be handed over. `is_permanent` means that trying again is of no use."""

    def __init__(self, message: str, *, is_permanent: bool = False) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent


class PartlyDelivered(Exception):
    """Some got the message, and others were refused: address -> what the server said, by whether that may change."""

    def __init__(self, *, for_now: dict[str, str], for_good: dict[str, str]) -> None:
        super().__init__("; ".join(f"{address}: {reason}" for address, reason in (for_now | for_good).items()))
        self.for_now = for_now
        self.for_good = for_good
