"""The public reading API: search, topics and articles."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import override
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from knowledge.models import Article, ArticleTranslation, Topic
from knowledge.origins import origin_of
from knowledge.problems import problems
from knowledge.search.analysis import MAX_QUERY_CHARACTERS
from knowledge.search.query import Result, search_articles
from knowledge.services.searches import log_search

_MAX_PAGE = 100_000
PAGE_SIZE = 50


class LanguageField(serializers.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=settings.LANGUAGES, **kwargs)


class AskedLanguage(LanguageField):
    """In an address, where `lang=` says as little as no `lang` at all."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default=settings.LANGUAGE_CODE, allow_blank=True, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data) or settings.LANGUAGE_CODE


class SearchQuery(serializers.Serializer[Any]):
    q = serializers.CharField(allow_blank=True, default="", trim_whitespace=False, max_length=20_000)
    lang = AskedLanguage()
    topic = serializers.SlugField(required=False, allow_blank=True, max_length=60)
    limit = serializers.IntegerField(min_value=1, max_value=50, default=10)
    typing = serializers.BooleanField(
        default=False, help_text="The last word may be unfinished; such a search is not counted."
    )
    exact = serializers.BooleanField(
        default=False, help_text="Search for the words as written, without correcting them."
    )


class SectionItem(serializers.Serializer[Any]):
    heading = serializers.CharField()
    url = serializers.CharField()


class SearchResult(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.CharField()
    excerpt = serializers.CharField()
    topic = serializers.CharField(allow_null=True)
    language = serializers.CharField()
    score = serializers.FloatField()
    section = SectionItem(allow_null=True, help_text="The part of the article that the excerpt is taken from.")


class TopicHits(serializers.Serializer[Any]):
    topic = serializers.CharField()
    results = serializers.IntegerField()


class SearchAnswer(serializers.Serializer[Any]):
    query = serializers.CharField()
    language = serializers.CharField()
    did_you_mean = serializers.CharField(
        allow_null=True, help_text="A better spelling of the query; the one used where `corrected_to` is set."
    )
    corrected_to = serializers.CharField(
        allow_null=True, help_text="Nothing was found for the query; these are the results for this spelling."
    )
    total = serializers.IntegerField()
    topics = TopicHits(many=True, help_text="The topics of all results, whether or not a topic was asked for.")
    results = SearchResult(many=True)


def article_url(text: ArticleTranslation, language: str) -> str:
    """The article's absolute address under the reader's language."""
    with override(language):
        return settings.SITE_URL + reverse("article", args=[text.slug])


class SearchView(APIView):
    throttle_scope = "search"

    @extend_schema(
        operation_id="search",
        parameters=[SearchQuery],
        responses={200: SearchAnswer, **problems(400, 429)},
        tags=["answers"],
    )
    def get(self, request: Request) -> Response:
        """Articles for a few words, best first. Any text is taken as words, none as syntax."""
        query = SearchQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        values = query.validated_data
        # A person who searches need not press a key: what stands in the box is the search so far.
        found = search_articles(
            values["q"],
            values["lang"],
            topic=values.get("topic") or None,
            is_typing=True,
            exact=values["exact"],
        )
        event = None
        if not values["typing"] and found.query:
            event = log_search(values["q"], found, origin_of(request._request), begins_visit=False)
        suffix = f"?search={event.pk}" if event else ""
        with override(values["lang"]):
            results = [_result(result, suffix) for result in found.results[: values["limit"]]]
        return Response(
            {
                "query": " ".join(values["q"].split())[:MAX_QUERY_CHARACTERS],
                "language": found.language,
                "did_you_mean": found.corrected_to or found.did_you_mean,
                "corrected_to": found.corrected_to,
                "total": found.total,
                "topics": [{"topic": facet.topic_slug, "results": facet.count} for facet in found.facets],
                "results": results,
            }
        )


def _result(result: Result, suffix: str) -> dict[str, Any]:
    """A result in the active language, which its addresses are made for."""
    text = result.translation
    url = settings.SITE_URL + text.get_absolute_url() + suffix
    section = result.section
    return {
        "id": text.article_id,
        "title": text.title,
        "url": url,
        "excerpt": result.excerpt,
        "topic": text.article.topic.slug if text.article.topic else None,
        "language": text.language,
        "score": round(result.score, 4),
        "section": {"heading": section.heading, "url": f"{url}#{section.anchor}"} if section else None,
    }


class TopicItem(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    # The name is the API's; a serializer's own `parent` is only asked for on its bound fields.
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    articles = serializers.IntegerField()
    url = serializers.CharField()


class TopicsQuery(serializers.Serializer[Any]):
    lang = AskedLanguage()


class TopicsView(APIView):
    throttle_scope = "reading"

    @extend_schema(
        operation_id="topics_list",
        parameters=[TopicsQuery],
        responses={200: TopicItem(many=True), **problems(400, 429)},
        tags=["answers"],
    )
    def get(self, request: Request) -> Response:
        """The topics that customers see, in order."""
        query = TopicsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        language = query.validated_data["lang"]
        topics = Topic.objects.visible().with_names().with_article_counts().select_related("parent")
        with override(language):
            return Response(
                [
                    {
                        "slug": topic.slug,
                        "name": topic.name_in(language),
                        "description": topic.description_in(language),
                        "parent": topic.parent.slug if topic.parent else None,
                        "articles": topic.article_count,  # type: ignore[attr-defined] # by with_article_counts
                        "url": settings.SITE_URL + topic.get_absolute_url(),
                    }
                    for topic in topics
                ]
            )


class ArticlesQuery(serializers.Serializer[Any]):
    lang = AskedLanguage()
    topic = serializers.SlugField(required=False, allow_blank=True, max_length=60)
    page = serializers.IntegerField(min_value=1, max_value=_MAX_PAGE, default=1)


class ArticleItem(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    summary = serializers.CharField()
    url = serializers.CharField()
    topic = serializers.CharField(allow_null=True)
    language = serializers.CharField()
    updated_at = serializers.DateTimeField()


class ArticlePage(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = ArticleItem(many=True)


class ArticleDetail(ArticleItem):
    html = serializers.CharField(help_text="The text as sanitised HTML.")
    markdown = serializers.CharField()


def _item(text: ArticleTranslation, language: str) -> dict[str, Any]:
    return {
        "id": text.article_id,
        "title": text.title,
        "summary": text.summary,
        "url": article_url(text, language),
        "topic": text.article.topic.slug if text.article.topic else None,
        "language": text.language,
        "updated_at": text.edited_at or text.published_at,
    }


class ArticlesView(APIView):
    throttle_scope = "reading"

    @extend_schema(
        operation_id="articles_list",
        parameters=[ArticlesQuery],
        responses={200: ArticlePage, **problems(400, 429)},
        tags=["answers"],
    )
    def get(self, request: Request) -> Response:
        """Published articles, each in the language asked for or the nearest, 50 a page."""
        query = ArticlesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        values = query.validated_data
        texts = ArticleTranslation.objects.best_for(values["lang"]).select_related("article__topic").order_by("pk")
        if values.get("topic"):
            texts = texts.filter(article__topic__slug=values["topic"])
        total = texts.count()
        start = (values["page"] - 1) * PAGE_SIZE
        return Response(
            {
                "total": total,
                "page": values["page"],
                "pages": max(1, -(-total // PAGE_SIZE)),
                "results": [_item(text, values["lang"]) for text in texts[start : start + PAGE_SIZE]],
            }
        )


class ArticleView(APIView):
    throttle_scope = "reading"

    @extend_schema(
        operation_id="articles_read",
        parameters=[TopicsQuery],
        responses={200: ArticleDetail, **problems(400, 404, 429)},
        tags=["answers"],
    )
    def get(self, request: Request, pk: int) -> Response:
        """One article with its text."""
        query = TopicsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        language = query.validated_data["lang"]
        article = get_object_or_404(Article.objects.published().prefetch_related("translations"), pk=pk)
        text = article.text_in(language)
        assert text is not None  # `published()` promises one
        with override(language):
            return Response(_item(text, language) | {"html": text.rendered.html, "markdown": text.body})
