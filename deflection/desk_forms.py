"""Shapes of what agents write down of a call."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from knowledge.forms import row_number
from knowledge.models import Article, Topic
from tickets.desk_forms import AnsweredByForm, WrittenField
from tickets.models import Customer, Ticket
from tickets.models.tickets import TicketQuerySet

OPEN, SOLVED = "open", "solved"


class CallForm(AnsweredByForm):
    """Who called, what it was about, and whether it is solved; solving asks which article answered it."""

    THEN = ((OPEN, _("Left open")), (SOLVED, _("Solved on the phone")))

    about = WrittenField(label=_("What was it about?"), rows=5)
    name = forms.CharField(label=_("Name"), required=False, max_length=120)
    number = forms.CharField(
        label=_("Phone number"), required=False, max_length=60, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    email = forms.CharField(
        label=_("E-mail"), required=False, max_length=254, widget=forms.TextInput(attrs={"inputmode": "email"})
    )
    topic = forms.CharField(label=_("It is about"), required=False, max_length=60)
    language = forms.ChoiceField(label=_("They speak"), choices=settings.LANGUAGES)
    case = forms.CharField(required=False, max_length=20)
    then = forms.ChoiceField(label=_("Then"), choices=THEN, initial=OPEN, widget=forms.RadioSelect)
    customer = forms.CharField(required=False)
    code = forms.CharField(required=False, max_length=12)
    key = forms.CharField(max_length=64)

    def __init__(self, *args: Any, cases: TicketQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cases = cases
        self.initial.setdefault("key", uuid.uuid4().hex)

    def clean_about(self) -> str:
        about: str = self.cleaned_data["about"]
        if not about:
            raise forms.ValidationError(_("Write what it was about; a sentence is enough."))
        return about

    def clean_topic(self) -> Topic | None:
        return Topic.objects.visible().filter(slug=self.cleaned_data["topic"]).first()

    def clean_customer(self) -> Customer | None:
        return Customer.objects.filter(pk=row_number(self.cleaned_data["customer"])).first()

    def clean_case(self) -> Ticket | None:
        chosen = self.cleaned_data["case"]
        if not chosen:
            return None
        found = self._cases.unmerged().select_related("customer").filter(reference=chosen).first()
        if found is None:
            raise forms.ValidationError(_("There is no such case (any more). Choose another, or a new one."))
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("then") == SOLVED and data.get("article") == "":
            self.add_error("article", _("Choose the article that answered it, or “No article answers it”."))
        if not any(data.get(one) for one in ("case", "customer", "name", "number", "email")):
            self.add_error("name", _("Write who called: a name, a number or an e-mail address."))
        return data

    @property
    def answer(self) -> Article | None:
        article = self.cleaned_data["article"]
        return article if isinstance(article, Article) else None
