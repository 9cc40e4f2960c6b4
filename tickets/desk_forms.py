"""Shapes of what agents send from the desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from knowledge.forms import row_number
from knowledge.models import Article
from tickets.errors import TicketError
from tickets.forms import ManyFilesField
from tickets.models import DemandType, RootCause, Ticket
from tickets.services.agents import agents
from tickets.services.answering import Written
from tickets.services.intake import clean_message
from tickets.services.lifecycle import SETTABLE

NO_ARTICLE = "none"
_STATUS = Ticket.Status


class WrittenField(forms.CharField):
    """What an agent wrote, whole; empty is for the form to judge."""

    def __init__(self, *, rows: int, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "data-draft": True})
        super().__init__(required=False, strip=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        if not str(value or "").strip():
            return ""
        try:
            return clean_message(str(value))
        except TicketError as error:
            raise forms.ValidationError(str(error)) from None


class RowNumbersField(forms.Field):
    """Rows of the database, each by its number; what is no number is passed over."""

    widget = forms.MultipleHiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def clean(self, value: Any) -> list[int]:
        return [number for one in (value or []) if (number := row_number(str(one)))]


class CauseForm(forms.Form):
    """Why a case arose; asked for, never required."""

    root_cause: forms.ModelChoiceField[RootCause] = forms.ModelChoiceField(
        label=_("Why did it arise?"),
        queryset=RootCause.objects.all(),
        required=False,
        empty_label=_("Not known"),
    )
    demand_type = forms.ChoiceField(
        label=_("What kind of question was it?"),
        choices=[("", _("Not known")), *DemandType.choices],
        required=False,
    )


class AnsweredByForm(CauseForm):
    """What is to be said of a case when it is over: which article answered it, and why it arose."""

    article = forms.CharField(required=False)
    find = forms.CharField(label=_("Find another article"), required=False, max_length=200)

    def clean_article(self) -> str | Article:
        """The article, NO_ARTICLE, or "" where nothing was chosen."""
        chosen: str = self.cleaned_data["article"]
        if chosen in ("", NO_ARTICLE):
            return chosen
        article = Article.objects.published().filter(pk=row_number(chosen)).first()
        if article is None:
            raise forms.ValidationError(_("That article is not published any more. Choose another."))
        return article

    @property
    def chosen_article(self) -> str:
        return str(self["article"].value() or "")


class ReplyForm(AnsweredByForm):
    """An answer and what is to become of the case; solving asks which article answered it, and needs no text."""

    THEN = (
        (_STATUS.WAITING_CUSTOMER, _("Wait for the customer")),
        (_STATUS.OPEN, _("Keep it open")),
        (_STATUS.WAITING_THIRD_PARTY, _("Wait for a third party")),
        (_STATUS.SOLVED, _("Solve it")),
    )

    body = WrittenField(label=_("Answer"), rows=7)
    channel = forms.CharField(required=False)
    attachments = ManyFilesField(label=_("Files"))
    kept = RowNumbersField()
    macros = RowNumbersField()
    then = forms.ChoiceField(label=_("Then"), choices=THEN, initial=_STATUS.WAITING_CUSTOMER, widget=forms.RadioSelect)
    seen = forms.CharField(required=False)

    def clean_seen(self) -> int:
        # Without it nothing counts as seen, so the agent is shown the conversation before anything is sent.
        return row_number(self.cleaned_data["seen"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.is_solving:
            if data.get("article") == "":
                self.add_error("article", _("Choose the article that answered it, or “No article answers it”."))
        elif data.get("body") == "":
            self.add_error("body", _("Write the answer first."))
        return data

    @property
    def written(self) -> Written:
        """What was put together, as the services take it; the files that wait with the draft are the view's to find."""
        given = self.cleaned_data
        return Written(given["body"], given["channel"], files=given["attachments"], macros=given["macros"])

    @property
    def is_solving(self) -> bool:
        return str(self["then"].value()) == _STATUS.SOLVED.value


class NoteForm(forms.Form):
    note = WrittenField(label=_("Internal note"), rows=3)

    def clean_note(self) -> str:
        note: str = self.cleaned_data["note"]
        if not note:
            raise forms.ValidationError(_("Write the note first."))
        return note


class StatusForm(forms.Form):
    status = forms.ChoiceField(
        label=_("Status"), choices=[(value, label) for value, label in _STATUS.choices if value in SETTABLE]
    )


class AssignForm(forms.Form):
    to: forms.ModelChoiceField[Any] = forms.ModelChoiceField(label=_("Give to"), queryset=agents(), empty_label=None)
