"""The demo shop: whole, alive, true to itself, and loaded once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import models, transaction
from django.db.models import Count, F
from django.urls import reverse
from django.utils import timezone

from deflection.models import HelpInContext, Journey, JourneyEvent
from helpcenter.accounts.models import User
from helpcenter.demo.loading import load_demo
from helpcenter.demo.people import ACCOUNTS
from helpcenter.demo.stories import Clock, Stories, read_yaml
from knowledge.models import (
    Article,
    ArticleTranslation,
    ArticleView,
    ContentGap,
    Feedback,
    Organisation,
    SearchEvent,
    Topic,
)
from tickets.models import (
    AgentAvailability,
    Channel,
    Chat,
    Customer,
    CustomerMerge,
    CustomField,
    Identity,
    InboundMail,
    Macro,
    Mailbox,
    Mention,
    Message,
    OutboxMessage,
    Participant,
    Rating,
    RootCause,
    SavedFilter,
    Team,
    Ticket,
    TicketEvent,
    TicketLink,
    Webhook,
    WebhookDelivery,
)
from tickets.services.channel_policy import ways_to_reach_us

LANGUAGES = ("en", "sv", "nb", "da")


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """Loaded once for all tests here, and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        loaded = load_demo()
        yield loaded
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_it_has_topics_articles_channels_and_teams_in_the_languages_promised(demo):
    assert Organisation.objects.get().name == "Havsvind"
    topics = Topic.objects.annotate(names=Count("translations"))
    assert topics.count() >= 8
    assert all(topic.names == len(LANGUAGES) for topic in topics)
    texts = {language: ArticleTranslation.objects.published().in_language(language).count() for language in LANGUAGES}
    assert texts["en"] >= 24
    assert texts["sv"] >= 24
    assert texts["nb"] >= 12
    assert texts["da"] >= 12
    assert not ArticleTranslation.objects.needs_indexing().exists()
    assert all(team.members.count() >= 3 for team in Team.objects.all())
    assert Channel.objects.count() == 5
    assert set(Topic.objects.values_list("kind", flat=True)) == {"help", "sensitive", "buying"}
    in_use = HelpInContext.objects.get(is_on=True).rules.filter(is_active=True)
    assert {rule.trigger for rule in in_use} == {"at_once", "not_quite", "time"}


@pytest.mark.django_db
def test_people_are_reached_by_every_channel_and_waits_are_measured(demo):
    offers = {offer.kind: offer for offer in ways_to_reach_us()}
    assert offers["form"].prominence == "featured"
    assert offers["phone"].url == "tel:+46313900610"
    assert offers["email"].url == "mailto:help@havsvind.example"
    assert all(offers[kind].is_offered and offers[kind].hours for kind in ("phone", "chat", "callback"))
    assert offers["form"].wait
    assert ways_to_reach_us(Topic.objects.get(kind="sensitive"))[0].kind == "phone"


@pytest.mark.django_db
def test_the_stories_have_happened_as_told(demo):
    stories = Stories()
    later = {row["answers"] for row in read_yaml("desk.yaml")["letters"] if "answers" in row}
    noted = [row["case"] for row in read_yaml("desk.yaml")["mentions"]]
    for story in stories.cases:
        ticket = Ticket.objects.get(idempotency_key=f"demo:{story.id}")
        if story.id not in later:
            assert ticket.messages.count() == 1 + len(story.conversation) + noted.count(story.id)
        assert (ticket.answered_by.key if ticket.answered_by else None) == (
            story.answered_by if story.answered_by != "none" else None
        )
        assert ticket.is_settled == (story.status in ("solved", "closed"))
        if not ticket.is_settled and story.id not in later:
            assert ticket.status == story.status
        if story.first_response_hours:
            hours = (ticket.first_response_at - ticket.created_at).total_seconds() / 3600
            assert hours == pytest.approx(story.first_response_hours)
        assert Journey.objects.filter(pk=ticket.origin).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "field"),
    [
        (Ticket, "created_at"), (Message, "created_at"), (TicketEvent, "created_at"), (SearchEvent, "created_at"),
        (ArticleView, "created_at"), (Journey, "last_seen_at"), (JourneyEvent, "created_at"), (Feedback, "created_at"),
        (OutboxMessage, "sent_at"),
    ],
)  # fmt: skip
def test_everything_lies_in_the_past_and_in_more_than_three_weeks(demo, model: type[models.Model], field: str):
    times = list(model.objects.values_list(field, flat=True))
    assert max(times) <= timezone.now()
    assert len({time.date() for time in times}) > 21


@pytest.mark.django_db
def test_what_was_opened_had_been_found_and_was_read(demo):
    opened = SearchEvent.objects.filter(opened__isnull=False)
    assert opened.count() > 100
    assert not opened.filter(result_count=0).exists()
    for search in opened[:50]:
        assert ArticleView.objects.filter(origin=search.origin, translation__article=search.opened_id).exists()
    origins = set(SearchEvent.objects.values_list("origin", flat=True))
    assert origins <= {str(pk) for pk in Journey.objects.values_list("pk", flat=True)}
    answered = JourneyEvent.objects.filter(kind=JourneyEvent.Kind.ANSWERED)
    assert answered.filter(journey__last_seen_at=F("created_at")).count() == answered.count() > 0


@pytest.mark.django_db
def test_its_letters_are_taken_joined_linked_and_set_aside(demo):
    outcomes = dict(InboundMail.objects.order_by("pk").values_list("subject", "outcome"))
    assert len(outcomes) == InboundMail.objects.count() == len(read_yaml("desk.yaml")["letters"])
    causes = set(InboundMail.objects.values_list("outcome", "cause"))
    assert causes >= {
        ("opened", ""), ("taken", ""), ("linked", "stranger"), ("bounce", "bounce_failed"),
        ("automatic", "out_of_office"), ("held", "failed_auth"), ("held", "no_sender"),
    }  # fmt: skip
    assert not InboundMail.objects.filter(received_at__gt=timezone.now()).exists()
    assert Identity.objects.filter(bounced_at__isnull=False).count() == 1
    assert Message.objects.filter(attachments__isnull=False).exists()
    assert Message.objects.filter(mail__html__contains="cid:").exists()
    assert Ticket.objects.filter(channel="email", suggestions__isnull=False).exists()
    assert set(TicketLink.objects.values_list("kind", flat=True)) == {"split", "other_sender"}
    assert Ticket.objects.filter(merged_into__isnull=False).count() == 1
    assert Participant.objects.count() == 1


@pytest.mark.django_db
def test_there_is_something_of_everything_that_agents_work_with(demo):
    assert {macro.texts.count() for macro in Macro.objects.all()} == {len(LANGUAGES)}
    assert {field.texts.count() for field in CustomField.objects.all()} == {len(LANGUAGES)}
    assert Macro.objects.count() == 6
    assert Macro.objects.exclude(then="").filter(tags__isnull=False).exclude(priority="").exists()
    assert Mailbox.objects.count() == 2
    assert RootCause.objects.exclude(owner="").count() == 8
    assert all(cause.tickets.exists() for cause in RootCause.objects.all())
    assert SavedFilter.objects.count() == 3
    assert Mention.objects.filter(seen_at=None).count() == 2
    agent = User.objects.get(email="agent@demo.example")
    assert agent.mentions.count() == 1
    assert agent.tickets.count() == 2
    assert Rating.objects.filter(created_at__lte=timezone.now()).count() == Rating.objects.count() > 10
    assert Webhook.objects.get().is_active is False
    assert not WebhookDelivery.objects.exists()
    solved = Ticket.objects.settled().filter(merged_into=None).exclude(answered_by=None)
    assert solved.exclude(demand_type="").count() > 0.9 * solved.count()


@pytest.mark.django_db
def test_every_note_about_a_case_is_in_its_history_while_it_was_worked(demo):
    notes = Stories().notes
    for name, one in notes.items():
        ticket = Ticket.objects.get(idempotency_key=f"demo:{name}")
        assert ticket.demand_type == one.demand
        assert (ticket.root_cause.key if ticket.root_cause else "") == one.cause
        assert {tag.name for tag in ticket.tags.all()} == set(one.tags)
        assert ticket.fields == one.fields
        classified = ticket.events.filter(kind=TicketEvent.Kind.CLASSIFIED)
        assert classified.count() == bool(one.cause or one.demand)
        assert all(event.created_at <= (ticket.solved_at or ticket.updated_at) for event in classified)


@pytest.mark.django_db
def test_its_chats_were_answered_in_opening_hours_and_are_over(demo):
    chats = Chat.objects.select_related("ticket__answered_by")
    assert {chat.ticket.language for chat in chats} == {"sv", "nb"}
    assert {chat.state for chat in chats} == {Chat.State.ENDED}
    assert all(chat.accepted_at and chat.ended_at and chat.ticket.is_settled for chat in chats)
    assert [chat.ticket.answered_by.key for chat in chats if chat.ticket.answered_by] == ["exchange-size"]
    assert chats.filter(ticket__events__kind="chat_handed_over").count() == 1
    assert not chats.filter(ticket__events__kind="chat_missed").exists()
    assert not AgentAvailability.objects.exclude(state="away").exists()


@pytest.mark.django_db
def test_one_person_has_two_records_that_nobody_has_joined_yet(demo):
    assert not CustomerMerge.objects.exists()
    assert Customer.objects.filter(name="Annika Hellström").count() == 2


@pytest.mark.django_db
def test_no_letter_of_the_past_leaves_now(demo, mailoutbox):
    assert OutboxMessage.objects.filter(status=OutboxMessage.Status.SENT).count() == OutboxMessage.objects.count() > 100
    assert not OutboxMessage.objects.due(timezone.now()).exists()
    assert mailoutbox == []


THEMES = {
    "gift cards abroad": ("presentkort",),
    "delivery to cabins": ("sommarstug", "gatuadress", "fritidshus"),
    "embroidery": ("broder", "namn på"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("theme", THEMES)
def test_what_is_asked_again_and_again_is_found_as_one_gap(demo, theme):
    gaps = ContentGap.objects.waiting().filter(language="sv").biggest_first().prefetch_related("evidence")
    found = [
        gap
        for gap in gaps
        if len({one.text for one in gap.evidence.all()}) > 1
        and all(any(word in one.text.lower() for word in THEMES[theme]) for one in gap.evidence.all())
    ]
    assert found, [(gap.title, [one.text[:40] for one in gap.evidence.all()]) for gap in gaps]
    assert found[0].case_count >= 1
    assert found[0].search_count >= 4
    assert found[0] in list(gaps[:8])


@pytest.mark.django_db
def test_the_second_run_changes_nothing(demo):
    counted = (Article, ArticleTranslation, Topic, Ticket, Message, Journey, SearchEvent, ContentGap, User, Channel)
    before = [model.objects.count() for model in counted]
    again = load_demo()
    assert not again.is_new
    assert [model.objects.count() for model in counted] == before


@pytest.mark.django_db
@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.role)
def test_the_demo_accounts_can_log_in(demo, client, account):
    response = client.post(reverse("account_login"), {"login": account.email, "password": account.password})
    assert response.status_code == 302
    user = User.objects.get(pk=client.session["_auth_user_id"])
    assert user.email == account.email
    assert user.is_staff
    assert user.has_perm("tickets.work_cases")
    assert user.has_perm("deflection.view_reports") == (account.role in ("manager", "administrator"))


@pytest.mark.django_db
def test_nobody_can_log_in_as_the_staff_of_the_stories(demo):
    staff = User.objects.filter(email__endswith="@havsvind.example")
    assert staff.count() == 6
    assert not any(user.has_usable_password() for user in staff)


@pytest.mark.parametrize("hour", [0, 3, 7, 9, 15, 23])
def test_whatever_the_hour_of_the_first_start_nothing_lies_ahead(hour):
    now = datetime(2026, 3, 30, hour, 1, tzinfo=ZoneInfo("Europe/Stockholm"))
    stories = Stories()
    clock = Clock(now, stories)
    assert all(clock.opened_at(case) < now for case in stories.cases)
    assert all(clock.some_time(0) < now for _ in range(50))
