"""What each change of many cases asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from knowledge.models import Topic
from tickets.desk_forms import NO_ARTICLE, WrittenField
from tickets.models import RootCause, Team, Ticket
from tickets.services.agents import agents
from tickets.services.case_file import articles_for_many
from tickets.services.lifecycle import SETTABLE
from tickets.services.macros import macros_of
from tickets.services.tagging import split_tags

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_STATUS = Ticket.Status
_SETTABLE = [(value, label) for value, label in _STATUS.choices if value in SETTABLE]
_AFTER_REPLY = [(value, label) for value, label in _STATUS.choices if value in (*SETTABLE, _STATUS.SOLVED)]


class BulkForm(forms.Form):
    """Nothing to ask, for what is only done. `values` is what the job keeps."""

    def __init__(self, *args: Any, user: User, language: str, numbers: Sequence[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.language, self.numbers = user, language, numbers
        self.prepare()

    def prepare(self) -> None:
        """Fills in the choices that depend on who asks."""

    def values(self) -> dict[str, Any]:
        return {name: getattr(value, "pk", value) for name, value in self.cleaned_data.items()}


class AssignForm(BulkForm):
    to = forms.ModelChoiceField(
        label=_("Give to"), queryset=agents(), required=False, empty_label=_("Nobody: back to the unassigned")
    )

    def prepare(self) -> None:
        self.initial.setdefault("to", self.user.pk)


class StatusForm(BulkForm):
    status = forms.ChoiceField(label=_("Status"), choices=_SETTABLE)


class PriorityForm(BulkForm):
    priority = forms.ChoiceField(label=_("Priority"), choices=Ticket.Priority.choices)


class TeamForm(BulkForm):
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.all(), to_field_name="key", empty_label=None)

    def values(self) -> dict[str, Any]:
        return {"team": self.cleaned_data["team"].key}


class TopicForm(BulkForm):
    topic = forms.ChoiceField(label=_("Topic"))

    def prepare(self) -> None:
        topics = Topic.objects.prefetch_related("translations")
        choices = [(topic.slug, topic.name_in(self.language)) for topic in topics]
        self.fields["topic"].choices = choices  # type: ignore[attr-defined]


class TagsForm(BulkForm):
    tags = forms.CharField(label=_("Tags"), max_length=500, help_text=_("With commas between them."))

    def clean_tags(self) -> list[str]:
        tags = split_tags(self.cleaned_data["tags"])
        if not tags:
            raise forms.ValidationError(_("Write at least one tag."))
        return tags


class SolveForm(BulkForm):
    answered_by = forms.ChoiceField(
        label=_("Which article answered them?"),
        required=False,
        help_text=_("Only say so of an article that answers every one of them."),
    )
    find = forms.CharField(label=_("Find another article"), required=False, max_length=200)
    root_cause = forms.ModelChoiceField(
        label=_("Why did they ask?"),
        queryset=RootCause.objects.filter(is_active=True),
        required=False,
        empty_label=_("Not known"),
    )

    def prepare(self) -> None:
        chosen = str(self["answered_by"].value() or "")
        found = articles_for_many(self.numbers, str(self["find"].value() or ""), chosen, self.language)
        judged = [("", _("Not said")), (NO_ARTICLE, _("No article answers it"))]
        self.fields["answered_by"].choices = [*judged, *found]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "find"}


class ReplyForm(SolveForm):
    field_order = ("macro", "body", "then", "answered_by", "find", "root_cause")
    macro = forms.ChoiceField(
        label=_("Macro"), required=False, help_text=_("Each customer gets it in their own language.")
    )
    body = WrittenField(
        label=_("Answer"),
        rows=8,
        help_text=_("Each customer gets it in their own case. {{ customer.first_name }} becomes their name."),
    )
    then = forms.ChoiceField(label=_("Then"), choices=_AFTER_REPLY, initial=_STATUS.WAITING_CUSTOMER)

    def prepare(self) -> None:
        super().prepare()
        found = [(str(macro.pk), macro.name) for macro in macros_of(self.user)]
        self.fields["macro"].choices = [("", _("None: the text below")), *found]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("macro") and data.get("body") == "":
            self.add_error("body", _("Write the answer first, or choose a macro."))
        return data


FORMS: dict[str, type[BulkForm]] = {
    "reply": ReplyForm,
    "assign": AssignForm,
    "status": StatusForm,
    "solve": SolveForm,
    "priority": PriorityForm,
    "team": TeamForm,
    "topic": TopicForm,
    "add_tags": TagsForm,
    "remove_tags": TagsForm,
    "spam": BulkForm,
    "not_spam": BulkForm,
}
