"""Loading the demo: all of it once, in one transaction, and nothing the next time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from deflection.matching import matcher
from deflection.services.demand import find_gaps
from deflection.services.demand_types import learn_demand_types
from deflection.services.root_causes import learn_root_causes
from helpcenter.demo import visits
from helpcenter.demo.callbacks import make_callbacks
from helpcenter.demo.calls import make_calls
from helpcenter.demo.cases import make_cases, mark_letters_as_sent, share_among_agents
from helpcenter.demo.chats import make_chats
from helpcenter.demo.desk import make_customers, make_desk, make_filters
from helpcenter.demo.holdout import make_holdout
from helpcenter.demo.letters import receive_letters
from helpcenter.demo.people import demo_agent, make_accounts, make_staff, staff_by_key
from helpcenter.demo.site import make_site
from helpcenter.demo.stories import CONTENT, Clock, Stories
from knowledge.background import queue_nothing
from knowledge.importers.markdown import read_markdown
from knowledge.models import Article, ArticleTranslation, ContentGap, Organisation, Revision
from knowledge.search.maintenance import rebuild
from knowledge.services.importing import import_articles
from tickets.models import Ticket
from tickets.services import wait_sources, waits


class DemoError(Exception):
    """The demo cannot be loaded; the sentence says why."""


@dataclass(frozen=True)
class Loaded:
    """What a run did. `is_new` is False where the site had its content already."""

    is_new: bool
    articles: int
    cases: int
    gaps: int
    accounts: int


@transaction.atomic
def load_demo(*, at: datetime | None = None) -> Loaded:
    """Loads content and stories into a site that has none, and the demo accounts where they are wanted.

    A site that has an organisation is left as it is, so that running it again changes nothing.
    """
    is_new = not Organisation.objects.exists()
    now = at or timezone.now()
    # The index is built here as a whole, and the letters of the stories were sent long ago.
    with queue_nothing():
        if is_new:
            _refuse_a_site_in_use()
            _load(now)
        accounts = make_accounts() if settings.DEMO else 0
        if is_new:
            share_among_agents(now, staff_by_key(), demo_agent())
    return Loaded(is_new, Article.objects.count(), Ticket.objects.count(), ContentGap.objects.count(), accounts)


def _refuse_a_site_in_use() -> None:
    if Article.objects.exists() or Ticket.objects.exists():
        raise DemoError("This site has articles or cases of its own; the demo is loaded into an empty site only.")


def _load(now: datetime) -> None:
    stories = Stories()
    clock = Clock(now, stories)
    make_site()
    _import_articles(clock)
    rebuild()
    make_staff()
    articles = {article.key: article for article in Article.objects.prefetch_related("translations")}
    visits.forget_searches()
    # Those who wrote in the demo's past were shown suggestions too.
    matcher.retrain()
    make_desk()
    staff = staff_by_key()
    make_cases(stories, clock, articles, staff)
    make_customers()
    make_filters(staff)
    receive_letters(now, staff)
    make_callbacks(now, staff)
    make_calls(now, staff, articles)
    make_chats(now, staff, articles)
    mark_letters_as_sent()
    visits.make_searches(stories, clock, articles)
    visits.make_confirmed(stories, clock, articles)
    visits.make_feedback(stories, clock, articles)
    visits.forget_searches()
    find_gaps(at=now)
    wait_sources.register_all()
    waits.measure(now)
    learn_demand_types(at=now)
    learn_root_causes(at=now)
    make_holdout(now)


def _import_articles(clock: Clock) -> None:
    """The articles, by the importer that users get; then dated back to when the shop opened its help center."""
    report = import_articles(read_markdown(CONTENT / "articles", settings.LANGUAGE_CODE), should_publish=True)
    if report.refused:
        reasons = "; ".join(f"{refused.where}: {refused.reason}" for refused in report.refused)
        raise DemoError(f"The demo articles could not be imported: {reasons}")
    Article.objects.update(created_at=clock.opening)
    ArticleTranslation.objects.update(created_at=clock.opening, published_at=clock.opening, edited_at=clock.opening)
    Revision.objects.update(created_at=clock.opening, published_at=clock.opening)
