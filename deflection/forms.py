"""The contact form: the story first, then only what is needed to answer it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from deflection.asked_fields import AskedField, form_name
from deflection.models import Upload
from deflection.services import uploads
from knowledge.forms import without_nul
from knowledge.models import Topic
from tickets.errors import TicketError
from tickets.forms import ManyFilesField, MessageField
from tickets.services.customers import normalise_email
from tickets.services.fields import asked_of_customers
from tickets.services.form_guard import HONEYPOT, looks_like_spam, stamp
from tickets.services.intake import MAX_SUBJECT_CHARACTERS

# What a draft holds of the form, besides the topic's own fields.
_DRAFTED = ("message", "email", "name", "topic", "subject", "key")


class TopicField(forms.ChoiceField):
    """A topic that is not offered (any more) is no topic: it must not stand between a message and its case."""

    def validate(self, value: Any) -> None:
        return


class ContactForm(forms.Form):
    message = MessageField(
        label=_("What has happened?"),
        help_text=_("In your own words. The more we know, the faster you get an answer."),
    )
    email = forms.CharField(
        label=_("Your e-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        label=_("Your name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    topic = TopicField(label=_("It is about"), required=False)
    subject = forms.CharField(label=_("Subject"), required=False, max_length=MAX_SUBJECT_CHARACTERS)
    attachments = ManyFilesField(label=_("Files"), help_text=_("Up to 5 pictures, PDFs or documents."))
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    stamp = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)
    website = forms.CharField(required=False, max_length=500)

    def __init__(
        self, data: QueryDict | None = None, files: Any = None, *, topics: list[tuple[Topic, str]], **kwargs: Any
    ) -> None:
        data = without_nul(data)
        super().__init__(data, files, **kwargs)
        self._topics = {topic.slug: topic for topic, _name in topics}
        self._tokens = data.getlist("uploads") if data is not None else []
        choices = [("", _("Choose if you like")), *((topic.slug, name) for topic, name in topics)]
        field = self.fields["topic"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        self.initial.setdefault("key", uuid.uuid4().hex)
        self.initial.setdefault("stamp", stamp())
        self.chosen = self._topics.get(self["topic"].value() or "")
        for asked in asked_of_customers(self.chosen):
            self.fields[form_name(asked.key)] = AskedField(asked)

    @property
    def asked(self) -> list[forms.BoundField]:
        """The topic's own fields."""
        return [self[name] for name, field in self.fields.items() if isinstance(field, AskedField)]

    @property
    def asked_values(self) -> dict[str, Any]:
        """What was answered to them, by their keys; only for a valid form."""
        answers = ((field, self.cleaned_data[name]) for name, field in self.fields.items())
        return {field.asked.key: value for field, value in answers if isinstance(field, AskedField)}

    def clean_email(self) -> str:
        try:
            return normalise_email(self.cleaned_data["email"])
        except TicketError as error:
            raise forms.ValidationError(str(error)) from None

    def clean_topic(self) -> Topic | None:
        return self._topics.get(self.cleaned_data["topic"])

    def clean_attachments(self) -> list[UploadedFile[Any]]:
        """The files that come with the form; those sent ahead of it are put into `cleaned_data["uploads"]`."""
        files: list[UploadedFile[Any]] = self.cleaned_data["attachments"]
        try:
            ahead: list[Upload] = uploads.named_by(self._tokens)
        except TicketError as error:
            raise forms.ValidationError(str(error)) from None
        if len(files) + len(ahead) > settings.ATTACHMENT_MAX_COUNT:
            raise forms.ValidationError(
                _("Up to %(count)s files can be sent at a time.") % {"count": settings.ATTACHMENT_MAX_COUNT}
            )
        self.cleaned_data["uploads"] = ahead
        return files

    @property
    def looks_like_spam(self) -> bool:
        data = self.cleaned_data
        return looks_like_spam(
            honeypot=data.get(HONEYPOT, ""), stamp=data.get("stamp", ""), text=f"{data['subject']} {data['message']}"
        )


def drafted(data: Mapping[str, str]) -> dict[str, Any]:
    """What a draft keeps of a form as it was sent."""
    marker = form_name("")
    fields = {name.removeprefix(marker): value for name, value in data.items() if name.startswith(marker)}
    return {**{name: data.get(name, "") for name in _DRAFTED}, "fields": fields}


def initial_from(values: Mapping[str, Any]) -> dict[str, Any]:
    """A draft as the form shows it."""
    fields = {form_name(key): text for key, text in values.get("fields", {}).items()}
    return {**{name: values[name] for name in _DRAFTED if values.get(name)}, **fields}
