"""Shapes of what people send; the rules are the services'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tickets.errors import TicketError
from tickets.services.attachments import ALLOWED_TYPES, check_files
from tickets.services.intake import clean_message


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
