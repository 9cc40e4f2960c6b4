"""Ada the agent, Max the manager, Ed the editor, Cleo the customer and Sam the stranger."""

from __future__ import annotations

from helpcenter.accounts.models import User
from tests.factories import UserFactory
from tickets.services.customer_logins import confirm_address


def ada() -> User:
    return UserFactory(email="ada@example.com", name="Ada Ek", display_name="Ada", roles=["agent"], is_staff=True)


def ed() -> User:
    return UserFactory(email="ed@example.com", name="Ed Berg", roles=["editor"], is_staff=True)


def max_() -> User:
    return UserFactory(email="max@example.com", name="Max Dahl", roles=["manager"], is_staff=True)


def sam() -> User:
    """Logged in, but no business of theirs."""
    return UserFactory(email="sam@example.com", name="Sam Strand")


def cleo() -> User:
    """The customer of `make_ticket`, logged in with a code that went to her address."""
    confirm_address("cleo@example.com")
    return UserFactory(email="cleo@example.com", name="")
