"""Naming a list of cases to come back to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.models import SavedFilter, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

ONLY_ME, EVERYBODY = "me", "all"


class SavedFilterForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    share = forms.ChoiceField(label=_("Who sees it"), required=False)

    def __init__(self, *args: Any, user: User, known: SavedFilter | None = None, **kwargs: Any) -> None:
        if known:
            share = EVERYBODY if known.is_shared else str(known.team_id or ONLY_ME)
            kwargs.setdefault("initial", {"name": known.name, "share": share})
        super().__init__(*args, **kwargs)
        teams = [(str(team.pk), team.name) for team in Team.objects.filter(members=user)]
        choices = [(ONLY_ME, _("Only me")), *teams, (EVERYBODY, _("Everybody"))]
        self.fields["share"].choices = choices  # type: ignore[attr-defined]

    @property
    def is_shared(self) -> bool:
        return bool(self.cleaned_data["share"] == EVERYBODY)

    @property
    def team(self) -> Team | None:
        share = self.cleaned_data["share"]
        return Team.objects.filter(pk=share).first() if share.isdigit() else None
