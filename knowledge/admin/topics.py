"""Topics: the tree as customers see it, in order, each name in each language."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from knowledge.admin.base import EachLanguageInline, ModelAdmin, TopicMixin, chip, reading_language
from knowledge.models import Topic, TopicTranslation
from knowledge.services.publishing import touch


class TopicForm(forms.ModelForm[Topic]):
    class Meta:
        model = Topic
        fields = ("slug", "parent", "kind", "icon", "position", "is_visible")
        help_texts: ClassVar = {
            "kind": _(
                "Sensitive, such as a death or money trouble: no articles are suggested, and a person stands first. "
                "Buying: leads straight to a person. Either counts for the topics below it as well."
            )
        }

    def clean_parent(self) -> Topic | None:
        """A topic cannot lie below itself."""
        parent: Topic | None = self.cleaned_data["parent"]
        above = parent
        while above is not None:
            if above.pk == self.instance.pk and above.pk is not None:
                raise forms.ValidationError(_("A topic cannot be placed below itself."))
            above = above.parent
        return parent


class TopicTranslationInline(EachLanguageInline):
    model = TopicTranslation
    fields = ("language", "name", "description")
    verbose_name_plural = _("names in each language")


@admin.register(Topic)
class TopicAdmin(TopicMixin, ModelAdmin):
    form = TopicForm
    inlines = (TopicTranslationInline,)
    list_display = ("name", "parent_name", "languages", "article_total", "is_visible")
    list_filter = ("is_visible",)
    search_fields = ("slug", "translations__name")
    ordering_field = "position"
    hide_ordering_field = True
    list_per_page = 200
    actions = None
    fieldsets = ((None, {"fields": ("slug", "parent", "kind", "icon", "position", "is_visible")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        return (
            Topic.objects.with_names()
            .select_related("parent")
            .prefetch_related("parent__translations")
            .annotate(article_total=Count("articles", distinct=True))
            .order_by("position", "slug")
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Topic | None = None) -> tuple[str, ...]:
        # Links, forms and the index know a topic by its slug.
        return ("slug",) if obj else ()

    def delete_model(self, request: HttpRequest, obj: Topic) -> None:
        articles = list(obj.articles.all())
        super().delete_model(request, obj)
        for article in articles:
            touch(article)

    @admin.display(description=_("topic"), ordering="slug")
    def name(self, topic: Topic) -> str:
        return topic.name_in(reading_language())

    @admin.display(description=_("below"))
    def parent_name(self, topic: Topic) -> str:
        return topic.parent.name_in(reading_language()) if topic.parent else ""

    @admin.display(description=_("languages"))
    def languages(self, topic: Topic) -> SafeString:
        have = {text.language for text in topic.translations.all()}
        in_order = [code for code, _name in settings.LANGUAGES if code in have]
        return format_html_join(" ", "{}", ((chip(code.upper(), "ok"),) for code in in_order))

    @admin.display(description=_("articles"), ordering="article_total")
    def article_total(self, topic: Any) -> int:
        return int(topic.article_total)
