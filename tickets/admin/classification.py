"""What cases are sorted by: tags, root causes, and the organisation's own fields."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from knowledge.admin.base import EachLanguageInline, ModelAdmin, TopicChoiceField, chip, reading_language
from knowledge.models import Topic
from tickets.errors import TicketError
from tickets.models import CustomField, CustomFieldText, RootCause, Tag
from tickets.services.field_values import read_example, shown
from tickets.services.tagging import MAX_TAG_CHARACTERS, normalise_tag

_KEY = re.compile(r"[a-z0-9_-]{1,40}")


class TagForm(forms.ModelForm[Tag]):
    class Meta:
        model = Tag
        fields = ("name",)

    def clean_name(self) -> str:
        name = normalise_tag(self.cleaned_data["name"])
        if not name or "," in name or ";" in name or len(name) > MAX_TAG_CHARACTERS:
            raise forms.ValidationError(_("A tag is a few words without commas."))
        return name


@admin.register(Tag)
class TagAdmin(ModelAdmin):
    form = TagForm
    list_display = ("name", "case_total")
    search_fields = ("name",)
    show_full_result_count = False
    fieldsets = ((None, {"fields": ("name",)}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        tags: QuerySet[Tag] = super().get_queryset(request)
        return tags.annotate(case_total=Count("tickets"))

    @admin.display(description=_("cases"), ordering="case_total")
    def case_total(self, tag: Any) -> int:
        return int(tag.case_total)


@admin.register(RootCause)
class RootCauseAdmin(ModelAdmin):
    list_display = ("name", "owner", "in_use", "case_total", "position")
    list_filter = ("is_active",)
    search_fields = ("name", "key", "owner")
    prepopulated_fields = {"key": ("name",)}
    actions = None
    fieldsets = ((None, {"fields": ("name", "key", "owner", "position", "is_active")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RootCause]:
        causes: QuerySet[RootCause] = super().get_queryset(request)
        return causes.annotate(case_total=Count("tickets"))

    @admin.display(description=_("in use"), ordering="is_active")
    def in_use(self, cause: RootCause) -> str:
        return in_use_chip(cause.is_active)

    @admin.display(description=_("cases"), ordering="case_total")
    def case_total(self, cause: Any) -> int:
        return int(cause.case_total)


def in_use_chip(is_active: bool) -> str:
    return chip(str(_("In use")), "ok") if is_active else chip(str(_("Not in use")), "quiet")


class KeysField(forms.CharField):
    """A list of keys, one a line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(one) for one in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        keys = list(dict.fromkeys(line.strip() for line in str(value or "").splitlines() if line.strip()))
        for key in keys:
            if not _KEY.fullmatch(key):
                raise forms.ValidationError(
                    _("“%(key)s” cannot be a key: use small letters a to z, digits, - and _."), params={"key": key}
                )
        return keys

    def has_changed(self, initial: Any, data: Any) -> bool:
        return [line.strip() for line in str(data or "").splitlines() if line.strip()] != list(initial or [])


class NamesField(forms.CharField):
    """What keys are called, one a line: “red = Red”."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{key} = {name}" for key, name in value.items()) if isinstance(value, dict) else value

    def clean(self, value: Any) -> dict[str, str]:
        lines = [line for line in str(value or "").splitlines() if line.strip()]
        if any("=" not in line for line in lines):
            raise forms.ValidationError(_("Write one name a line, such as “red = Red”."))
        pairs = [line.split("=", 1) for line in lines]
        return {key.strip(): name.strip() for key, name in pairs}

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.clean(data) != (initial or {})
        except forms.ValidationError:
            return True


class TopicsChoiceField(forms.ModelMultipleChoiceField[Topic]):
    """Several topics, by the names that the reader knows them by."""

    label_from_instance = TopicChoiceField.label_from_instance


class CustomFieldForm(forms.ModelForm[CustomField]):
    choices = KeysField(label=_("Choices"), required=False, help_text=_("For a choice: one key a line."))
    example = forms.CharField(
        label=_("Try an example"),
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("Write a value here and save: you are told whether it is right. It is not kept."),
    )

    class Meta:
        model = CustomField
        fields = (
            "key", "kind", "choices", "pattern", "check_digit", "topics", "is_for_customers", "is_required", "position",
            "is_active",
        )  # fmt: skip

    def clean_pattern(self) -> str:
        pattern: str = self.cleaned_data["pattern"]
        try:
            re.compile(pattern)
        except re.error:
            raise forms.ValidationError(_("This is not a regular expression that can be read.")) from None
        return pattern

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("kind") == CustomField.Kind.CHOICE and not data.get("choices") and "choices" not in self.errors:
            self.add_error("choices", _("A choice needs something to choose from."))
        if data.get("check_digit") and data.get("kind") != CustomField.Kind.ORDER_NUMBER:
            self.add_error("check_digit", _("Only an order number has a check digit."))
        if data.get("example") and not self.errors:
            self._try(data)
        return data

    def _try(self, data: dict[str, Any]) -> None:
        """An example that is refused keeps the rules from being saved: one of the two is not as it was meant."""
        rules = {name: data[name] for name in ("kind", "choices", "pattern", "check_digit")}
        field = CustomField(key=data.get("key") or self.instance.key, **rules)
        try:
            self.example_as_kept = read_example(field, data["example"])
        except TicketError as error:
            self.add_error(
                "example", _("Not right: %(reason)s Mend the rules or the example.") % {"reason": str(error)}
            )


class CustomFieldTextForm(forms.ModelForm[CustomFieldText]):
    choice_labels = NamesField(label=_("names of the choices"), required=False, help_text=_("red = Red"))

    class Meta:
        model = CustomFieldText
        fields = ("language", "label", "hint", "error", "choice_labels")


class CustomFieldTextInline(EachLanguageInline):
    model = CustomFieldText
    form = CustomFieldTextForm
    fields = ("language", "label", "hint", "error", "choice_labels")
    verbose_name_plural = _("what it is called")


@admin.register(CustomField)
class CustomFieldAdmin(ModelAdmin):
    form = CustomFieldForm
    list_display = ("label", "key", "kind", "where", "required", "in_use", "position")
    list_filter = ("kind", "is_active")
    search_fields = ("key", "texts__label")
    filter_horizontal = ("topics",)
    inlines = (CustomFieldTextInline,)
    actions = None
    fieldsets = (
        (None, {"fields": ("key", "kind", "choices", "pattern", "check_digit", "example")}),
        (
            _("Where it is asked for"),
            {"fields": ("topics", "is_required", "is_for_customers", "position", "is_active")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomField]:
        fields: QuerySet[CustomField] = super().get_queryset(request)
        return fields.prefetch_related("texts", "topics__translations")

    def get_readonly_fields(self, request: HttpRequest, obj: CustomField | None = None) -> tuple[str, ...]:
        # Under its key the values stand in the cases.
        return ("key",) if obj else ()

    def save_model(self, request: HttpRequest, obj: CustomField, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if example := form.cleaned_data.get("example"):
            said = _("“%(example)s” is right; it is kept as “%(kept)s”.")
            kept = shown(obj, form.example_as_kept, reading_language())
            self.message_user(request, said % {"example": example, "kept": kept})

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "topics":
            kwargs |= {"queryset": Topic.objects.with_names(), "form_class": TopicsChoiceField}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description=_("name"))
    def label(self, field: CustomField) -> str:
        return field.label_in(reading_language())

    @admin.display(description=_("topics"))
    def where(self, field: CustomField) -> str:
        names = [topic.name_in(reading_language()) for topic in field.topics.all()]
        return ", ".join(names) or str(_("Every case"))

    @admin.display(description=_("required"), ordering="is_required")
    def required(self, field: CustomField) -> str:
        return chip(str(_("Required")), "warn") if field.is_required else ""

    @admin.display(description=_("in use"), ordering="is_active")
    def in_use(self, field: CustomField) -> str:
        return in_use_chip(field.is_active)
