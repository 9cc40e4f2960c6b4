"""Rows with sensible values; a test names only what it is about."""

from __future__ import annotations

from typing import Any

import factory
from django.utils import timezone

from helpcenter.accounts.models import User
from knowledge.models import Article, ArticleTranslation, Topic, TopicTranslation
from knowledge.services.publishing import add_phrasings, create_article, publish, save_text
from tickets.models import ChannelKind, Ticket
from tickets.services.intake import open_ticket


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = "Somebody"

    @factory.post_generation
    def roles(self: Any, create: bool, extracted: list[str] | None, **kwargs: Any) -> None:
        from django.contrib.auth.models import Group

        for role in extracted or []:
            self.groups.add(Group.objects.get(name=role))


class TopicFactory(factory.django.DjangoModelFactory[Topic]):
    class Meta:
        model = Topic
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"topic-{n}")

    @factory.post_generation
    def names(self: Any, create: bool, extracted: dict[str, str] | None, **kwargs: Any) -> None:
        for language, name in (extracted or {"en": self.slug.capitalize()}).items():
            TopicTranslation.objects.create(topic=self, language=language, name=name)


def publish_article(
    title: str = "When do I get my refund?",
    body: str = "Within five working days of the day your return reaches us.",
    *,
    language: str = "en",
    topic: Topic | None = None,
    article: Article | None = None,
    phrasings: list[str] | None = None,
    **fields: Any,
) -> ArticleTranslation:
    """A published text; give `article` to add another language to one that exists."""
    article = article or create_article(key=title, topic=topic)
    revision = save_text(article=article, language=language, title=title, body=body, **fields)
    add_phrasings(article, language, phrasings or [])
    return publish(revision, at=timezone.now())


def make_ticket(**fields: Any) -> Ticket:
    """A case that came in by the form."""
    values = {
        "channel": ChannelKind.FORM,
        "email": "cleo@example.com",
        "name": "Cleo Lind",
        "body": "My parcel has not come, although it was sent a week ago.",
        "language": "en",
    }
    return open_ticket(**(values | fields))
