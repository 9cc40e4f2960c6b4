"""A text in one language: written here, saved as revisions, published by those who may."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from knowledge.admin import revisions
from knowledge.admin.article_filters import with_unpublished_changes
from knowledge.admin.articles import status_words, text_chip, text_url
from knowledge.admin.base import ModelAdmin, require
from knowledge.admin.text_forms import TextForm
from knowledge.forms import row_number
from knowledge.models import ArticleTranslation, GapEvidence
from knowledge.services import publishing

_QUESTIONS_SHOWN = 20


@admin.register(ArticleTranslation)
class TextAdmin(ModelAdmin):
    form = TextForm
    list_display = ("title", "article", "state", "edited_at")
    list_filter = ("language", "status")
    list_select_related = ("article",)
    search_fields = ("title", "slug", "body", "article__key")
    autocomplete_fields = ("article",)
    actions = None
    actions_submit_line = ("save_and_publish",)
    warn_unsaved_form = True
    change_form_template = "admin/knowledge/articletranslation/change_form.html"
    fieldsets = ((None, {"fields": ("title", "summary", "body", "slug", "comment", "seen")}),)
    add_fieldsets = (
        (None, {"fields": (("article", "language"), "title", "summary", "body", "slug", "comment", "seen")}),
    )
    custom_urls = (
        ("<int:pk>/revisions/", "knowledge_articletranslation_revisions", revisions.list_revisions),
        ("<int:pk>/revisions/compare/", "knowledge_articletranslation_compare", revisions.compare_revisions),
        (
            "<int:pk>/revisions/<int:number>/publish/",
            "knowledge_articletranslation_publish",
            revisions.publish_revision,
        ),
        (
            "<int:pk>/revisions/<int:number>/restore/",
            "knowledge_articletranslation_restore",
            revisions.restore_revision,
        ),
        ("<int:pk>/withdraw/", "knowledge_articletranslation_withdraw", revisions.withdraw_text),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ArticleTranslation]:
        texts: QuerySet[ArticleTranslation] = with_unpublished_changes().order_by("title")
        return texts

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        match db_field.name:
            case "body":
                field.widget = UnfoldAdminTextareaWidget({"class": "sv-markdown", "rows": 26, "spellcheck": "true"})
            case "summary":
                field.widget = UnfoldAdminTextareaWidget({"rows": 2, "maxlength": 300})
            case "slug":
                field.help_text = _(
                    "The last part of the page's address, from the title if left empty. It takes effect at once, "
                    "and links to the old address stop working."
                )
        return field

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "comment" in form.base_fields:
            form.base_fields["comment"].widget = UnfoldAdminTextInputWidget()
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        # The field that completes as one types looks the row up without checking that it is a number.
        return {**initial, "article": row_number(str(initial.get("article", ""))) or None}

    def has_publish_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(revisions.PUBLISH)

    def has_delete_permission(self, request: HttpRequest, obj: ArticleTranslation | None = None) -> bool:
        """What customers can read is withdrawn first."""
        is_live = obj is not None and obj.status == ArticleTranslation.Status.PUBLISHED
        return not is_live and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: ArticleTranslation, form: Any, change: bool) -> None:
        """Saves a revision, and publishes it where that button was pressed. The row itself is the service's."""
        should_publish = f"{self.opts.app_label}_{self.opts.model_name}_save_and_publish" in request.POST
        if should_publish:
            require(request, revisions.PUBLISH)
        data = form.cleaned_data
        revision = publishing.save_text(
            article=obj.article,
            language=obj.language,
            title=data["title"],
            summary=data["summary"],
            body=data["body"],
            slug=data["slug"],
            author=request.user,  # type: ignore[arg-type]
            comment=data["comment"],
        )
        obj.pk = revision.translation_id
        if should_publish:
            text = publishing.publish(revision)
            messages.success(request, revisions.published_message(text))
        else:
            messages.success(request, _saved_message(revision.translation, revision.number))

    @action(description=_("Save and publish"), permissions=["publish"])  # type: ignore[untyped-decorator]
    def save_and_publish(self, request: HttpRequest, obj: ArticleTranslation) -> None:
        """A button of the form; what it does is in `save_model`."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return HttpResponseRedirect(text_url(obj))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return HttpResponseRedirect(text_url(obj))

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        messages.success(request, gettext("The text “%(title)s” is deleted.") % {"title": obj_display})
        return HttpResponseRedirect(reverse("admin:knowledge_article_changelist"))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False, "show_close": True}
        original: ArticleTranslation | None = context.get("original")
        if original is not None:
            context |= _surroundings(request, original)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("language and status"), ordering="language")
    def state(self, text: ArticleTranslation) -> str:
        return text_chip(text)


def _saved_message(text: ArticleTranslation, number: int) -> str:
    if text.status == ArticleTranslation.Status.PUBLISHED:
        return gettext("Saved as revision %(number)s. Customers still read what was published.") % {"number": number}
    return gettext("Saved as revision %(number)s.") % {"number": number}


def _asked(text: ArticleTranslation) -> list[str]:
    """What customers asked, in their own words, where the text was begun from a content gap."""
    evidence = GapEvidence.objects.filter(gap__article=text.article_id, gap__language=text.language)
    rows = evidence.order_by("-times", "-asked_at").values_list("text", flat=True)
    return list(dict.fromkeys(rows[:_QUESTIONS_SHOWN]))


def _surroundings(request: HttpRequest, original: ArticleTranslation) -> dict[str, Any]:
    """What stands around the form: where the text is in its life, and the same article in other languages.

    Read anew, because a form that was refused has left its values on the object.
    """
    text = with_unpublished_changes().select_related("article").get(pk=original.pk)
    live = revisions.live_revision(text)
    with override(text.language):
        address = text.get_absolute_url()
    others = ArticleTranslation.objects.filter(article=text.article).exclude(pk=text.pk).order_by("language")
    return {
        "text": text,
        "title": text.latest_revision.title if text.latest_revision else text.title,
        "status": status_words(text),
        "live": live,
        "newest": text.latest_revision,
        "revision_count": text.revisions.count(),
        "address": address if text.is_public() else "",
        "may_publish": request.user.has_perm(revisions.PUBLISH),
        "other_texts": others,
        "asked": _asked(text) if request.user.has_perm("knowledge.view_contentgap") else [],
    }
