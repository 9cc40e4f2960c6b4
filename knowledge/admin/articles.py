"""Articles: which there are, in which languages, how they do; and the way to each of their texts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Count, ExpressionWrapper, F, FloatField, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce, NullIf
from django.forms import BaseFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from knowledge.admin.article_filters import LanguageFilter, StatusFilter, with_unpublished_changes
from knowledge.admin.base import (
    InlineFormSet,
    ModelAdmin,
    TabularInline,
    TopicFilter,
    TopicMixin,
    chip,
    reading_language,
)
from knowledge.models import Article, ArticleTranslation, ArticleView, Feedback, Phrasing
from knowledge.search.languages import preferred
from knowledge.services.phrasings import remove_phrasing
from knowledge.services.publishing import create_article, save_text, touch

VIEWS_WINDOW = timedelta(days=30)
_KIND = {
    ArticleTranslation.Status.PUBLISHED: "ok",
    ArticleTranslation.Status.DRAFT: "quiet",
    ArticleTranslation.Status.WITHDRAWN: "warn",
}


def title_of(article: Article, language: str) -> str:
    """The title of the nearest text for a reader of the language, published or not; the key without any."""
    titles = {text.language: text.title for text in article.translations.all()}
    return next((titles[code] for code in preferred(language) if code in titles), article.key)


def text_url(text: ArticleTranslation) -> str:
    return reverse("admin:knowledge_articletranslation_change", args=[text.pk])


def new_text_url(article: Article, language: str) -> str:
    return f"{reverse('admin:knowledge_articletranslation_add')}?article={article.pk}&language={language}"


def status_words(text: Any) -> str:
    """A text's status, and whether a newer state waits behind it (asks for `with_unpublished_changes`)."""
    if text.is_edited and text.status == ArticleTranslation.Status.PUBLISHED:
        return str(_("Published, with unpublished changes"))
    return str(text.get_status_display())


def text_chip(text: Any) -> SafeString:
    """A language as a link to its text, with the status in words unless it is simply published."""
    words = {ArticleTranslation.Status.DRAFT: _("draft"), ArticleTranslation.Status.WITHDRAWN: _("withdrawn")}
    is_edited = text.is_edited and text.status == ArticleTranslation.Status.PUBLISHED
    word = _("edited") if is_edited else words.get(text.status, "")
    label = f"{text.language.upper()} {word}".strip()
    return chip(label, "warn" if is_edited else _KIND[text.status], href=text_url(text), title=status_words(text))


class NewArticleForm(forms.ModelForm[Article]):
    """Where an article begins: a title in one language. The key follows from it."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget)
    title = forms.CharField(
        label=_("Title"),
        max_length=160,
        help_text=_("As a customer would ask it: “When do I get my refund?”"),
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        model = Article
        fields = ("topic",)


class PhrasingFormSet(InlineFormSet):
    def save_existing(self, form: Any, obj: Phrasing, commit: bool = True) -> Any:
        """What a person has rewritten is theirs: it stays, whatever becomes of the case that it was learned from."""
        obj.source = Phrasing.Source.AGENT
        return super().save_existing(form, obj, commit=commit)

    def delete_existing(self, obj: Phrasing, commit: bool = True) -> None:
        if commit:
            remove_phrasing(obj)


class PhrasingInline(TabularInline):
    model = Phrasing
    formset = PhrasingFormSet
    fields = ("language", "text", "source")
    readonly_fields = ("source",)
    extra = 1
    hide_title = True
    verbose_name_plural = _("phrasings: other ways in which customers ask this (searched, never shown)")


@admin.register(Article)
class ArticleAdmin(TopicMixin, ModelAdmin):
    list_display = ("title", "topic_name", "texts", "views_total", "helpful")
    list_display_links = ("title",)
    list_filter = (TopicFilter, LanguageFilter, StatusFilter)
    search_fields = ("key", "translations__title", "translations__body")
    search_help_text = _("Title, text or key")
    list_per_page = 50
    actions = None
    inlines = (PhrasingInline,)
    fieldsets = ((None, {"fields": ("key", "topic")}),)
    add_fieldsets = ((None, {"fields": ("title", "language", "topic")}),)
    change_form_template = "admin/knowledge/article/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        texts = with_unpublished_changes().defer("body", "summary")
        articles = super().get_queryset(request).select_related("topic")
        return _with_figures(articles).prefetch_related("topic__translations", Prefetch("translations", queryset=texts))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs |= {"form": NewArticleForm, "fields": ("topic",)}
        return super().get_form(request, obj, change=change, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"language": reading_language(), **super().get_changeform_initial_data(request)}

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and request.user.has_perm("knowledge.add_articletranslation")

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """What customers can read is withdrawn first: the index forgets it, and nobody loses it by a slip."""
        is_live = obj is not None and obj.translations.filter(status=ArticleTranslation.Status.PUBLISHED).exists()
        return not is_live and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        data = form.cleaned_data
        article = create_article(key=data["title"], topic=data["topic"])
        save_text(article=article, language=data["language"], title=data["title"], body="", author=request.user)  # type: ignore[arg-type]
        obj.pk, obj.key = article.pk, article.key

    def save_related(self, request: HttpRequest, form: Any, formsets: list[BaseFormSet[Any]], change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and (form.has_changed() or any(formset.has_changed() for formset in formsets)):
            touch(form.instance)

    def response_add(self, request: HttpRequest, obj: Article, post_url_continue: str | None = None) -> HttpResponse:
        """A new article leads straight to writing its first text."""
        if "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        return HttpResponseRedirect(text_url(obj.translations.get()))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        article: Article | None = context.get("original")
        context |= {"show_save_and_add_another": False}
        if article is not None:
            context |= {"texts": self._texts(request, article), "title": title_of(article, reading_language())}
        else:
            context |= {"show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def _texts(self, request: HttpRequest, article: Article) -> list[dict[str, Any]]:
        """Each language of the site: its text, or where to write it."""
        may_add = request.user.has_perm("knowledge.add_articletranslation")
        have = {text.language: text for text in with_unpublished_changes().filter(article=article)}
        rows = []
        for code, name in settings.LANGUAGES:
            text = have.get(code)
            rows.append(
                {
                    "language": name,
                    "text": text,
                    "status": status_words(text) if text else "",
                    "kind": _KIND[ArticleTranslation.Status(text.status)] if text else "",
                    "url": text_url(text) if text else new_text_url(article, code) if may_add else "",
                }
            )
        return rows

    @admin.display(description=_("title"), ordering="key")
    def title(self, article: Article) -> str:
        return title_of(article, reading_language())

    @admin.display(description=_("topic"), ordering="topic__position")
    def topic_name(self, article: Article) -> str:
        return article.topic.name_in(reading_language()) if article.topic else ""

    @admin.display(description=_("languages"))
    def texts(self, article: Article) -> SafeString:
        have = {text.language: text for text in article.translations.all()}
        in_order = [have[code] for code, _name in settings.LANGUAGES if code in have]
        return format_html_join(" ", "{}", ((text_chip(text),) for text in in_order))

    @admin.display(description=_("read, 30 days"), ordering="views_total")
    def views_total(self, article: Any) -> int:
        return int(article.views_total)

    @admin.display(description=_("helpful"), ordering="helpful_share")
    def helpful(self, article: Any) -> str:
        if not article.rated:
            return ""
        return str(_("%(share)s %% of %(count)s")) % {"share": round(article.helpful_share), "count": article.rated}


def _with_figures(articles: QuerySet[Article]) -> QuerySet[Article]:
    """Adds how often each was read lately (`views_total`), and of how many readers' verdicts what share was good."""
    views = ArticleView.objects.filter(created_at__gte=timezone.now() - VIEWS_WINDOW)
    return articles.annotate(
        views_total=_count(views),
        rated=_count(Feedback.objects.all()),
        helpful_total=_count(Feedback.objects.filter(is_helpful=True)),
    ).annotate(
        helpful_share=ExpressionWrapper(F("helpful_total") * 100.0 / NullIf("rated", 0), output_field=FloatField())
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    """How many rows belong to any text of the article. A subquery each: joins would multiply each other."""
    of_article = rows.filter(translation__article=OuterRef("pk")).order_by().values("translation__article")
    return Coalesce(Subquery(of_article.annotate(total=Count("pk")).values("total")), 0)
