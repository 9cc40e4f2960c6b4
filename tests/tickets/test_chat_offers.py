"""Who is offered a chat: one at a time, in turn, up to what each takes; and two who are equally quick."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import TopicFactory, UserFactory
from tests.people import ada, max_
from tests.tickets.racing import a_real_database, at_once
from tickets.errors import TicketError
from tickets.models import AgentAvailability, Channel, ChannelKind, Chat, ChatOffer, Team, TopicTeam
from tickets.services import availability, chat_offers, chat_upkeep, chats
from tickets.services.chat_lines import say

pytestmark = pytest.mark.django_db
Answer, State = ChatOffer.Answer, AgentAvailability.State


@pytest.fixture(autouse=True)
def _open():
    Channel.objects.update_or_create(kind=ChannelKind.CHAT, defaults={"promised_seconds": 120, "calendar": None})


def at_work(email, **fields):
    """Somebody who works cases, at the desk and available."""
    user = UserFactory(email=email, roles=["agent"], language=fields.pop("language", ""))
    AgentAvailability.objects.create(user=user, **({"state": State.AVAILABLE} | fields))
    return user


def begin(**fields):
    values = {"body": "Where is my parcel?", "language": "en", "email": "cleo@example.com", "name": "Cleo Lind"}
    return chats.begin(**(values | fields))


def offered_to(chat):
    offer = chat.offers.unanswered().first()
    return offer.user if offer else None


def after(seconds):
    return timezone.now() + timedelta(seconds=seconds)


def stays(user, seconds):
    """Their desk is still open then."""
    availability.note_here(user.pk, after(seconds))


def test_a_new_chat_is_offered_once_it_is_in_the_database(commit):
    agent = at_work("ada@example.com")
    with commit():
        chat = begin()
        assert offered_to(chat) is None
    assert offered_to(chat) == agent
    assert chat_offers.offer_next(chat.pk).user == agent
    assert ChatOffer.objects.count() == 1


def test_whoever_has_fewest_chats_comes_first_then_who_had_none_for_longest():
    busy, rested, idle = at_work("a@example.com"), at_work("b@example.com"), at_work("c@example.com")
    chats.accept(begin(email="x@example.com"), busy)
    earlier = chats.accept(begin(email="y@example.com"), rested, at=timezone.now() - timedelta(hours=1))
    chats.end(earlier, Chat.Side.AGENT, agent=rested)
    order = [one.user for one in chat_offers.candidates(begin(), timezone.now())]
    assert order == [idle, rested, busy]


def test_the_topics_team_comes_before_others_and_a_shared_language_too():
    stranger, speaker, member = (
        at_work("a@example.com"),
        at_work("b@example.com", language="sv"),
        at_work("c@example.com"),
    )
    topic, team = TopicFactory(), Team.objects.create(key="parcels", name="Parcels")
    TopicTeam.objects.create(topic=topic, team=team)
    team.members.add(member)
    order = [one.user for one in chat_offers.candidates(begin(topic=topic, language="sv"), timezone.now())]
    assert order == [member, speaker, stranger]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": State.BUSY},
        {"state": State.AWAY},
        {"chat_capacity": 0},
        {"own_capacity": 0},
        {"seen_at": timezone.now() - timedelta(minutes=2)},
    ],
)
def test_who_takes_no_chats_is_offered_none(fields):
    at_work("watching@example.com")
    chat = begin()
    AgentAvailability.objects.update(state=State.BUSY)
    at_work("a@example.com", **fields)
    assert chat.state == Chat.State.WAITING
    assert chat_offers.offer_next(chat.pk) is None


def test_who_may_not_work_cases_any_more_is_offered_none():
    agent = at_work("a@example.com")
    chat = begin()
    agent.groups.clear()
    assert chat.state == Chat.State.WAITING
    assert chat_offers.offer_next(chat.pk) is None


def test_nobody_is_offered_more_than_they_take_and_only_one_at_a_time():
    agent = at_work("a@example.com", chat_capacity=2)
    first, second, third = (begin(email=f"{n}@example.com") for n in range(3))
    assert chat_offers.offer_waiting() == 1
    chats.accept(first, agent)
    assert chat_offers.offer_waiting() == 1
    assert offered_to(second) == agent
    chats.accept(second, agent)
    assert chat_offers.offer_waiting() == 0
    chats.end(first, Chat.Side.AGENT, agent=agent)
    assert chat_offers.offer_waiting() == 1
    assert offered_to(third) == agent


def test_an_offer_that_nobody_answers_goes_to_the_next_and_then_to_everybody():
    one, other = at_work("a@example.com"), at_work("b@example.com")
    chat = begin()
    assert chat_offers.offer_next(chat.pk).user == one
    assert chat_upkeep.sweep(at=after(10)) == 0
    stays(other, 21)
    assert chat_upkeep.sweep(at=after(21)) == 1
    assert offered_to(chat) == other
    stays(one, 42), stays(other, 42)
    assert chat_upkeep.sweep(at=after(42)) == 0
    assert [one.answer for one in chat.offers.all()] == [Answer.LAPSED, Answer.LAPSED]
    chat.refresh_from_db()
    assert chat.state == Chat.State.WAITING
    assert chats.accept(chat, one).agent == one


def test_at_the_end_of_the_promise_the_chat_is_missed():
    at_work("a@example.com")
    chat = begin()
    chat_offers.offer_next(chat.pk)
    assert chat_upkeep.sweep(at=after(121)) == 1
    chat.refresh_from_db()
    assert (chat.state, chat.offers.get().answer) == (Chat.State.MISSED, Answer.LAPSED)
    assert chat_upkeep.sweep(at=after(122)) == 0


def test_not_now_asks_the_next_at_once(commit):
    one, other = at_work("a@example.com"), at_work("b@example.com")
    chat = begin()
    chat_offers.offer_next(chat.pk)
    with commit():
        chat_offers.decline(chat, other)
    assert offered_to(chat) == one
    with commit():
        chat_offers.decline(chat, one)
    assert offered_to(chat) == other


def test_who_says_busy_is_not_asked_any_more(commit):
    one, other = at_work("a@example.com"), at_work("b@example.com")
    chat = begin()
    chat_offers.offer_next(chat.pk)
    with commit():
        availability.set_state(one, State.BUSY)
    assert offered_to(chat) == other


def test_who_becomes_available_is_offered_what_waits(commit):
    at_work("a@example.com")
    late = at_work("b@example.com", state=State.AWAY)
    chat = begin()
    AgentAvailability.objects.exclude(user=late).update(state=State.BUSY)
    with commit():
        availability.set_state(late, State.AVAILABLE)
    assert offered_to(chat) == late


def test_a_chat_that_comes_back_is_offered_to_everybody_anew(commit):
    agent = at_work("a@example.com")
    chat = begin()
    chat_offers.offer_next(chat.pk)
    chats.accept(chat, agent)
    chats.end(chat, Chat.Side.AGENT, agent=agent)
    with commit():
        say(chat, side=Chat.Side.CUSTOMER, body="One thing more", client_key="cleo-00001")
    assert offered_to(chat) == agent


def test_suspected_spam_rings_nobody():
    at_work("a@example.com")
    chat = begin(is_suspected_spam=True)
    assert chat_offers.offer_next(chat.pk) is None


def test_an_agent_takes_fewer_than_managers_have_set_never_more():
    agent = at_work("a@example.com", chat_capacity=3)
    assert availability.set_own_capacity(agent, 1).takes_at_once == 1
    assert availability.set_own_capacity(agent, 3).own_capacity is None
    with pytest.raises(TicketError, match="0 to 3"):
        availability.set_own_capacity(agent, 4)


def test_a_closed_desk_is_empty_after_a_minute_and_promises_nothing_the_next_day():
    agent = at_work("a@example.com")
    assert AgentAvailability.objects.available(after(50)).exists()
    assert not AgentAvailability.objects.available(after(70)).exists()
    availability.note_here(agent.pk, after(70))
    assert AgentAvailability.objects.available(after(71)).exists()
    availability.note_here(agent.pk, after(3600))
    assert AgentAvailability.objects.get().state == State.AWAY


def test_logging_in_and_out_is_away(client):
    agent = ada()
    availability.set_state(agent, State.AVAILABLE)
    client.force_login(agent)
    assert AgentAvailability.objects.get().state == State.AWAY
    availability.set_state(agent, State.AVAILABLE)
    client.logout()
    assert AgentAvailability.objects.get().state == State.AWAY


def test_whoever_was_offered_and_slower_is_told_so():
    agent, other = at_work("a@example.com"), max_()
    chat = begin()
    chat_offers.offer_next(chat.pk)
    chats.accept(chat, other)
    assert chat.offers.get().answer == Answer.WITHDRAWN
    with pytest.raises(TicketError, match="Max Dahl"):
        chats.accept(chat, agent)


# Real threads, each with a connection of its own.


def race(folder, count, do):
    """What `do(number)` gave or raised in each thread, and then what the database holds: agent, unanswered offers."""

    def run(number):
        try:
            return do(number)
        except TicketError as error:
            return error

    def look(_number):
        chat = Chat.objects.order_by("begun_at").first()
        return chat.agent, ChatOffer.objects.unanswered().count()

    with a_real_database(folder):
        return at_once(count, run), *at_once(1, look)[0]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_gets_it(tmp_path):
    people = [at_work(f"{n}@example.com") for n in range(4)]
    chat = begin()
    came, agent, left = race(tmp_path, 4, lambda n: chats.accept(Chat.objects.get(pk=chat.pk), people[n]))
    taken = [one for one in came if isinstance(one, Chat)]
    assert [one.agent for one in taken] == [agent]
    assert all("has taken this chat" in str(one) for one in came if not isinstance(one, Chat))
    assert left == 0


@pytest.mark.django_db(transaction=True)
def test_the_last_place_of_an_agent_is_offered_once(tmp_path):
    waiting = [begin(email=f"{n}@example.com").pk for n in range(4)]
    Chat.objects.update(state=Chat.State.WAITING)
    at_work("a@example.com", chat_capacity=1)
    came, _agent, left = race(tmp_path, 4, lambda n: chat_offers.offer_next(waiting[n]))
    assert [one is None for one in came].count(False) == left == 1


@pytest.mark.django_db(transaction=True)
def test_one_chat_is_offered_to_one_agent_however_many_look(tmp_path):
    chat = begin()
    Chat.objects.update(state=Chat.State.WAITING)
    for n in range(3):
        at_work(f"{n}@example.com")
    came, _agent, left = race(tmp_path, 4, lambda n: chat_offers.offer_next(chat.pk))
    assert len({one.pk for one in came}) == left == 1
