"""Shapes of what agents send from a chat."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.desk_forms import RowNumbersField, WrittenField
from tickets.forms import ManyFilesField
from tickets.models import Chat, Team
from tickets.services.agents import agents


class AgentSaysForm(forms.Form):
    """One thing said; a file alone says something too."""

    body = WrittenField(label=_("Your message"), rows=2)
    attachments = ManyFilesField(label=_("Files"))
    macros = RowNumbersField()
    key = forms.RegexField(r"^[A-Za-z0-9_-]{8,64}$", required=False)
    nonce = forms.CharField(required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("body") and not data.get("attachments"):
            self.add_error("body", _("Write something first."))
        return data

    def key_for(self, chat: Chat) -> str:
        """The window's key; without scripts one name for one text sent from one page: a double click says it once."""
        if self.cleaned_data["key"]:
            return str(self.cleaned_data["key"])
        files = [file.name for file in self.cleaned_data["attachments"]]
        name = f"{chat.pk}:{self.cleaned_data['nonce']}:{self.cleaned_data['body']}:{files}"
        return hashlib.sha256(name.encode()).hexdigest()


class HandOverForm(forms.Form):
    """To whom a chat goes: "team-3" or "agent-7"."""

    to = forms.RegexField(r"^(team|agent)-\d{1,18}$", error_messages={"required": _("Choose who goes on.")})
    note = WrittenField(label=_("What they should know"), rows=3)

    colleague: Any = None
    team: Team | None = None

    def clean_to(self) -> str:
        chosen: str = self.cleaned_data["to"]
        kind, _dash, number = chosen.partition("-")
        if kind == "team":
            self.team = Team.objects.filter(pk=int(number)).first()
        else:
            self.colleague = agents().filter(pk=int(number)).first()
        if self.team is None and self.colleague is None:
            raise forms.ValidationError(_("Choose who goes on."))
        return chosen
