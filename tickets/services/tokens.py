"""API tokens: made once, kept as a hash, and never able to do more than their role and their person both may."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group
from django.db.models import Q
from django.utils import timezone

from tickets.models import ApiToken

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

PREFIX = "svar_"
"""Before every token, so that people and scanners for leaked secrets know what they have found."""

_SECRET_BYTES = 30
_SHOWN_CHARACTERS = 10
_NOTED_EVERY = timedelta(minutes=1)


def _digest(token: str) -> str:
    # A plain hash will do: 240 random bits cannot be guessed, whatever the speed of guessing.
    return hashlib.sha256(token.encode()).hexdigest()


def make_token(*, name: str, role: Group, user: User) -> tuple[ApiToken, str]:
    """A new token, as a row and as the text that whoever uses it must be told now: it cannot be read again."""
    text = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    row = ApiToken.objects.create(
        name=name, role=role, user=user, prefix=text[:_SHOWN_CHARACTERS], digest=_digest(text)
    )
    return row, text


def token_behind(text: str, *, at: datetime | None = None) -> ApiToken | None:
    """The token in use with this text, its use noted to the minute; None for any other text."""
    row = (
        ApiToken.objects.select_related("user", "role")
        .filter(digest=_digest(text), is_active=True, user__is_active=True)
        .first()
    )
    if row is None:
        return None
    now = at or timezone.now()
    stale = Q(used_at__isnull=True) | Q(used_at__lt=now - _NOTED_EVERY)
    ApiToken.objects.filter(stale, pk=row.pk).update(used_at=now)
    return row


def may(token: ApiToken, permission: str) -> bool:
    """Whether both the token's role and the person it acts as have a permission, such as `tickets.work_cases`."""
    app, _, codename = permission.partition(".")
    in_role = token.role.permissions.filter(content_type__app_label=app, codename=codename).exists()
    return in_role and token.user.has_perm(permission)
