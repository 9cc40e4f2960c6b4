"""Asking for a login code: staff by their account, customers by the address that a case of theirs came from."""

from __future__ import annotations

from allauth.account import forms
from django.db import IntegrityError, transaction
from django.utils import timezone

from helpcenter.accounts.models import User
from tickets.services.customer_logins import is_known_address


class RequestLoginCodeForm(forms.RequestLoginCodeForm):
    """As allauth has it; and a customer who asks for the first time gets an account, which may do nothing by itself.

    Whoever asks sees the same either way. The account has no role and no password, and opens nothing until the code
    that goes to the address itself has been entered (`receivers.confirm_customer_address`).
    """

    _user: User | None

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if email and self._user is None:
            self._user = _account_of_customer(email)
        elif self._user is not None:
            # Counts from the last code, so that no account is purged while somebody reads theirs (unused.py).
            User.objects.filter(pk=self._user.pk, last_login__isnull=True).update(date_joined=timezone.now())
        return email


def _account_of_customer(email: str) -> User | None:
    """An account for a customer's address; None for unknown addresses, and where an account is switched off."""
    if not is_known_address(email) or User.objects.filter(email__iexact=email).exists():
        return None
    try:
        with transaction.atomic():
            return User.objects.create_user(email)
    except IntegrityError:
        # The form was sent twice at the same moment.
        return User.objects.filter(email__iexact=email, is_active=True).first()
