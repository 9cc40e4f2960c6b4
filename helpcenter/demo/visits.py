"""What customers of the demo shop searched, read and said. Results are what the search really finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from deflection.models import Journey, JourneyEvent
from deflection.services import journeys
from deflection.services.suggestions import suggest
from helpcenter.demo.stories import Clock, ConfirmedStory, Stories
from knowledge.models import Article, ArticleView, Feedback, Revision, SearchEvent
from knowledge.search.analysis import normalise_query
from knowledge.search.query import SearchResults, search_articles
from tickets.models import ChannelKind

Kind = JourneyEvent.Kind


@cache
def _found(text: str, language: str) -> SearchResults:
    return search_articles(text, language)


def forget_searches() -> None:
    _found.cache_clear()


def record_search(
    text: str, language: str, journey: Journey, at: datetime, opens: Article | None = None
) -> tuple[SearchEvent, ArticleView | None]:
    """One search, not saved yet, and the reading that it led to; nothing is opened that was not found."""
    found = _found(text, language)
    result = next((one for one in found.results if opens and one.translation.article_id == opens.pk), None)
    event = SearchEvent(
        text=text,
        normalised=normalise_query(text),
        language=language,
        result_count=found.total,
        matched=found.matched.value,
        opened=opens if result else None,
        origin=str(journey.pk),
        created_at=at,
    )
    if result is None:
        return event, None
    view = ArticleView(translation=result.translation, origin=str(journey.pk), created_at=at + timedelta(seconds=25))
    return event, view


@dataclass
class _Rows:
    """What is written at once, since one row at a time takes a while."""

    journeys: list[Journey]
    searches: list[SearchEvent]
    views: list[ArticleView]
    steps: list[JourneyEvent]

    def save(self) -> None:
        Journey.objects.bulk_create(self.journeys, batch_size=500)
        SearchEvent.objects.bulk_create(self.searches, batch_size=500)
        ArticleView.objects.bulk_create(self.views, batch_size=500)
        JourneyEvent.objects.bulk_create(self.steps, batch_size=500)


def make_searches(stories: Stories, clock: Clock, articles: dict[str, Article]) -> None:
    """People who searched and read, and did not write to us."""
    rows = _Rows([], [], [], [])
    for story in stories.searches:
        for _ in range(story.weight):
            at = clock.some_time(clock.any_day())
            journey = Journey(language=story.language, started_at=at, last_seen_at=at + timedelta(minutes=4))
            # Even of those who find what they need, some see it in the list and open nothing.
            is_opened = story.opened and (clock.random.random() < 0.87 or _is_weak(story.text, story.language))
            opens = articles[story.opened] if story.opened and is_opened else None
            search, view = record_search(story.text, story.language, journey, at, opens)
            rows.journeys.append(journey)
            rows.searches.append(search)
            rows.views += [view] if view else []
            if view is None:
                rows.steps += _gives_up_or_turns_to_us(journey, at, clock)
    rows.save()


def _is_weak(text: str, language: str) -> bool:
    return _found(text, language).matched.value == "some"


def _gives_up_or_turns_to_us(journey: Journey, at: datetime, clock: Clock) -> list[JourneyEvent]:
    """Of those who opened nothing, some look at the contact page, and some of them call or write a letter."""
    if clock.random.random() > 0.3:
        return []
    steps = [JourneyEvent(journey=journey, kind=Kind.CONTACT_OPENED, created_at=at + timedelta(minutes=1))]
    if clock.random.random() < 0.5:
        channel = clock.random.choice([ChannelKind.PHONE, ChannelKind.PHONE, ChannelKind.EMAIL])
        steps.append(
            JourneyEvent(
                journey=journey, kind=Kind.CHANNEL_CHOSEN, channel=channel, created_at=at + timedelta(minutes=3)
            )
        )
    return steps


def make_confirmed(stories: Stories, clock: Clock, articles: dict[str, Article]) -> None:
    """People who began to write, and said that a suggestion answered it."""
    for story in stories.confirmed:
        _write_and_see(story, clock, articles[story.answered_by])


def _write_and_see(story: ConfirmedStory, clock: Clock, answer: Article) -> None:
    """Shown is what the matcher really offers; where it does not offer the answer, the visit ends without one."""
    at = clock.some_time(story.days_ago)
    journey = journeys.begin(language=story.language, at=at)
    journeys.note(journey, Kind.CONTACT_OPENED, at=at)
    found = suggest(story.text, story.language)
    shown = [(one.translation.article_id, one.probability) for one in found]
    journeys.note_suggestions(journey, shown, at=at + timedelta(minutes=1, seconds=10))
    text = next((one.translation for one in found if one.translation.article_id == answer.pk), None)
    if text is None:
        return
    journeys.note(journey, Kind.SUGGESTION_OPENED, article=answer, at=at + timedelta(minutes=1, seconds=30))
    ArticleView.objects.create(
        translation=text, origin=str(journey.pk), created_at=at + timedelta(minutes=1, seconds=30)
    )
    journeys.note(journey, Kind.ANSWERED, article=answer, at=at + timedelta(minutes=3))


def make_feedback(stories: Stories, clock: Clock, articles: dict[str, Article]) -> None:
    """What readers said under the articles, each on a visit of its own."""
    live: dict[int, Revision] = {
        revision.translation_id: revision for revision in Revision.objects.filter(published_at__isnull=False)
    }
    for story in stories.feedback:
        text = articles[story.article].text_in(story.language)
        if text is None:
            continue
        at = clock.some_time(story.days_ago)
        journey = journeys.begin(language=story.language, at=at)
        ArticleView.objects.create(translation=text, origin=str(journey.pk), created_at=at)
        Feedback.objects.create(
            translation=text,
            revision=live[text.pk],
            is_helpful=story.helpful,
            reason=story.reason or "",
            comment=story.comment or "",
            origin=str(journey.pk),
            created_at=at + timedelta(minutes=2),
        )
