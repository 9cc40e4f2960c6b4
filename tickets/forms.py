"""Shapes of what people send; the rules are the services'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tickets.errors import TicketError
from tickets.services.attachments import ALLOWED_TYPES, check_files
from tickets.services.customers import normalise_email
from tickets.services.intake import clean_message
from tickets.services.link_notices import tidy_reference
from tickets.services.ratings import satisfaction_labels


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Zero or more files, each checked by content."""

    def __init__(self, **kwargs: Any) -> None:
        widget = ManyFilesInput(
            attrs={"accept": ",".join(ALLOWED_TYPES), "data-max-bytes": settings.ATTACHMENT_MAX_BYTES}
        )
        super().__init__(required=False, widget=widget, allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = [super(ManyFilesField, self).clean(one, initial) for one in (data or []) if one]
        try:
            check_files(files)
        except TicketError as error:
            raise forms.ValidationError(str(error)) from None
        return files


class MessageField(forms.CharField):
    """What somebody wrote; control characters are taken out rather than complained about."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 8}))
        super().__init__(required=False, strip=False, **kwargs)

    def clean(self, value: Any) -> str:
        try:
            return clean_message(str(value or ""))
        except TicketError as error:
            raise forms.ValidationError(str(error)) from None


class CaseReplyForm(forms.Form):
    """A customer writes more on the case page."""

    message = MessageField(label=_("Write more"))
    attachments = ManyFilesField(label=_("Files"))


class RatingForm(forms.Form):
    """How it went: satisfaction (CSAT, 1 to 5), how easy we made it (CES 2.0, 1 to 7), and a word about it."""

    satisfaction = forms.TypedChoiceField(
        label=_("How satisfied are you with how we handled your case?"),
        choices=lambda: list(satisfaction_labels().items()),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the five."), "invalid_choice": _("Choose one of the five.")},
    )
    effort = forms.TypedChoiceField(
        label=_("“They made it easy for me to get this solved.”"),
        choices=[(number, str(number)) for number in range(1, 8)],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose a number from 1 to 7.")},
    )
    # Not refused for its length: the service keeps the beginning.
    comment = forms.CharField(
        label=_("What could we do better?"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class FollowForm(forms.Form):
    """Whoever has lost the link to a case asks for a new one."""

    reference = forms.CharField(
        label=_("Case number"),
        max_length=40,
        help_text=_("It stands in every e-mail about the case, such as SV-10023."),
        error_messages={"required": _("Write the number of your case.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    email = forms.CharField(
        label=_("Your e-mail"),
        required=False,
        max_length=254,
        help_text=_("The one that you used when you wrote to us."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_reference(self) -> str:
        reference = tidy_reference(self.cleaned_data["reference"])
        if not reference:
            raise forms.ValidationError(_("That is not a case number. It looks like SV-10023."))
        return reference

    def clean_email(self) -> str:
        try:
            return normalise_email(self.cleaned_data["email"])
        except TicketError as error:
            raise forms.ValidationError(str(error)) from None
