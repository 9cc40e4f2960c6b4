"""What is done besides when something happens to a case or an article: one call each."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import post_save
from django.dispatch import receiver

from knowledge.background import enqueue_on_commit
from knowledge.models import ArticleTranslation
from knowledge.signals import text_published, text_withdrawn
from tickets.models import Customer, Identity, TicketEvent
from tickets.services import availability, callbacks, webhooks
from tickets.signals import case_event
from tickets.tasks import index_cases_of_customer, index_waiting_cases


@receiver(case_event)
def tell_webhooks_of_case(event: TicketEvent, **kwargs: Any) -> None:
    webhooks.tell_case_event(event)


@receiver(text_published)
def tell_webhooks_of_publication(text: ArticleTranslation, **kwargs: Any) -> None:
    webhooks.tell_article_event("article.published", text)


@receiver(text_withdrawn)
def tell_webhooks_of_withdrawal(text: ArticleTranslation, **kwargs: Any) -> None:
    webhooks.tell_article_event("article.withdrawn", text)


@receiver(case_event)
def index_case(**kwargs: Any) -> None:
    enqueue_on_commit(index_waiting_cases)


@receiver(case_event)
def call_nobody_about_closed_case(event: TicketEvent, **kwargs: Any) -> None:
    if event.kind == TicketEvent.Kind.CLOSED_BY_CUSTOMER:
        callbacks.cancel_with_case(event.ticket)


@receiver(case_event)
def give_up_places_of_spam(event: TicketEvent, **kwargs: Any) -> None:
    if event.kind == TicketEvent.Kind.MARKED_AS_SPAM:
        callbacks.give_up_places(event.ticket)


@receiver(case_event)
def take_places_of_no_spam(event: TicketEvent, **kwargs: Any) -> None:
    if event.kind == TicketEvent.Kind.CLEARED_OF_SPAM:
        callbacks.take_places(event.ticket)


@receiver([user_logged_in, user_logged_out])
def is_away_at_first_and_at_last(user: Any, **kwargs: Any) -> None:
    if user is not None and user.is_authenticated:
        availability.go_away(user)


@receiver(post_save, sender=Customer)
def index_cases_of_renamed(instance: Customer, created: bool, **kwargs: Any) -> None:
    if not created:
        enqueue_on_commit(index_cases_of_customer, instance.pk)


@receiver(post_save, sender=Identity)
def index_cases_of_known(instance: Identity, **kwargs: Any) -> None:
    enqueue_on_commit(index_cases_of_customer, instance.customer_id)
