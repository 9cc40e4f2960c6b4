"""The one organisation: name, logo, colours, language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldBooleanSwitchWidget

from knowledge.admin.base import ModelAdmin
from knowledge.models import Organisation

MAX_LOGO_BYTES = 300_000
_SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"))


def picture_kind(head: bytes) -> str:
    """The extension that a picture's first bytes call for; "" for anything but PNG, JPEG and WebP."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), "")


class OrganisationForm(forms.ModelForm[Organisation]):
    derive_dark = forms.BooleanField(
        label=_("Derive the dark theme's colour from the theme colour"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    class Meta:
        model = Organisation
        fields = ("name", "logo", "brand_light", "brand_dark", "default_language", "agent_names")
        widgets = {"brand_light": UnfoldAdminColorInputWidget, "brand_dark": UnfoldAdminColorInputWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["derive_dark"] = not self.instance.brand_dark
        self.initial["brand_dark"] = self.instance.brand_dark or self.instance.brand_light
        if "brand_dark" in self.fields:
            self.fields["brand_dark"].help_text = _("Counts only when it is not derived.")

    def clean_logo(self) -> Any:
        """Takes a picture for what its bytes say, never for its name, and names it by that."""
        logo = self.cleaned_data["logo"]
        if not isinstance(logo, UploadedFile):
            return logo
        if (logo.size or 0) > MAX_LOGO_BYTES:
            raise forms.ValidationError(_("The logo is too large. The limit is 300 kB."))
        kind = picture_kind(logo.read(12))
        logo.seek(0)
        if not kind:
            raise forms.ValidationError(_("That is not a PNG, WebP or JPEG picture. Choose another file."))
        logo.name = f"logo.{kind}"
        return logo

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        # A colour input always has a value, so "none" needs a say of its own.
        if cleaned.get("derive_dark"):
            cleaned["brand_dark"] = ""
        return cleaned


@admin.register(Organisation)
class OrganisationAdmin(ModelAdmin):
    form = OrganisationForm
    fieldsets = (
        (None, {"fields": ("name", "default_language", "agent_names")}),
        (_("Look"), {"fields": ("logo", "brand_light", "derive_dark", "brand_dark")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one row, so the list is that row; it comes into being when somebody first opens it."""
        if not self.has_view_or_change_permission(request):
            return super().changelist_view(request, extra_context)
        row, _created = Organisation.objects.get_or_create(pk=1)
        return HttpResponseRedirect(reverse("admin:knowledge_organisation_change", args=[row.pk]))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context |= {"show_save_and_add_another": False, "show_save_and_continue": True}
        return super().render_change_form(request, context, *args, **kwargs)
