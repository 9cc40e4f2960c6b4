"""What the admin pages of every package share: typed base classes, read-only lists, names in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from knowledge.forms import row_number
from knowledge.models import Topic

if TYPE_CHECKING:
    # The theme's classes carry no types; Django's, which they extend, do.
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    from django.forms.models import BaseInlineFormSet

    InlineFormSet = BaseInlineFormSet[Any, Any, Any]
else:
    from unfold.admin import ModelAdmin, TabularInline
    from unfold.forms import PaginationInlineFormSet as InlineFormSet

__all__ = [
    "EachLanguageFormSet",
    "EachLanguageInline",
    "InlineFormSet",
    "ModelAdmin",
    "ReadOnlyAdmin",
    "TabularInline",
    "TopicChoiceField",
    "TopicFilter",
    "TopicMixin",
    "chip",
    "reading_language",
    "require",
]


def reading_language() -> str:
    """The language that the person at the screen reads the admin in."""
    return get_language() or settings.LANGUAGE_CODE


def require(request: HttpRequest, permission: str) -> None:
    """Raises PermissionDenied (a 403 page) for somebody without the right."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


def chip(text: str, kind: str = "", *, href: str = "", title: str = "") -> SafeString:
    """A small label; `kind` is "", "ok", "warn" or "quiet". The words carry the meaning, the colour repeats it."""
    if href:
        return format_html('<a class="sv-chip {}" href="{}" title="{}">{}</a>', kind, href, title, text)
    return format_html('<span class="sv-chip {}" title="{}">{}</span>', kind, title, text)


class ReadOnlyAdmin(ModelAdmin):
    """A list to look things up in. Whoever may see it changes nothing here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class TopicChoiceField(ModelChoiceField[Any]):
    """Topics by the name that the reader knows them by; the names come with one query."""

    def label_from_instance(self, obj: Model) -> str:
        return obj.name_in(reading_language()) if isinstance(obj, Topic) else str(obj)


class TopicMixin:
    """For admin classes with a foreign key to a topic."""

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.related_model is Topic:
            kwargs.setdefault("queryset", Topic.objects.with_names())
            kwargs["form_class"] = TopicChoiceField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class TopicFilter(admin.SimpleListFilter):
    """By topic, named in the reader's language."""

    title = _("topic")
    parameter_name = "topic"
    topic_path = "topic"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[Any, Any]]:
        language = reading_language()
        return [
            *((str(topic.pk), topic.name_in(language)) for topic in Topic.objects.with_names()),
            ("none", _("No topic")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        value = self.value()
        if value == "none":
            return queryset.filter(**{f"{self.topic_path}__isnull": True})
        number = row_number(value or "")
        return queryset.filter(**{self.topic_path: number}) if number else queryset


class EachLanguageFormSet(InlineFormSet):
    """One row a language: the empty rows come with the languages that are still missing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = [{"language": code} for code in missing_languages(kwargs.get("instance"), self.model)]
        super().__init__(*args, **kwargs)


class EachLanguageInline(TabularInline):
    formset = EachLanguageFormSet
    hide_title = True

    def get_extra(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> int:
        return len(missing_languages(obj, self.model))

    def get_max_num(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> int | None:
        return len(settings.LANGUAGES)


def missing_languages(parent: Model | None, model: Any) -> list[str]:
    """The languages in which `parent` has no row of `model` yet."""
    have: set[str] = set()
    if parent is not None and parent.pk:
        link = next(
            field.name
            for field in model._meta.get_fields()
            if isinstance(field, ForeignKey) and isinstance(parent, field.related_model)
        )
        have = set(model._default_manager.filter(**{link: parent}).values_list("language", flat=True))
    return [code for code, _name in settings.LANGUAGES if code not in have]
