"""Who works with cases."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet


def agents() -> QuerySet[Any]:
    """Active people who may work with cases, by a role or in their own right, by name."""
    permission = Permission.objects.filter(content_type__app_label="tickets", codename="work_cases")
    allowed = Q(groups__permissions__in=permission) | Q(user_permissions__in=permission) | Q(is_superuser=True)
    people = get_user_model()._default_manager
    return people.filter(pk__in=people.filter(allowed).values("pk"), is_active=True)
