"""Accounts that were made for a login code which nobody ever entered."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.utils import timezone

from helpcenter.accounts.models import User
from tickets.services.customer_logins import proven_addresses

# A code holds for some minutes; whoever comes back later asks for another one, and gets an account anew.
_KEPT = timedelta(days=1)


def purge_unused_accounts(*, at: datetime | None = None) -> int:
    """Removes them, so that nobody fills the table by asking for codes. Returns how many went.

    What is anybody's own is left alone: an account with a role, a name or a password, one that somebody has logged in
    with, and one whose address has been proven.
    """
    unused = User.objects.filter(
        last_login__isnull=True,
        date_joined__lt=(at or timezone.now()) - _KEPT,
        password__startswith=UNUSABLE_PASSWORD_PREFIX,
        name="",
        display_name="",
        is_active=True,
        is_staff=False,
        is_superuser=False,
        groups__isnull=True,
        user_permissions__isnull=True,
    ).exclude(email__in=proven_addresses())
    _all, by_model = User.objects.filter(pk__in=unused.values("pk")).delete()
    return by_model.get(User._meta.label, 0)
