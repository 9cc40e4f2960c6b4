"""Searching cases: what is found, by whom, how soon, and what happens when the index is not there."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from haystack import connections

from knowledge.search.segments import IndexUnavailable
from tests import people
from tests.factories import TopicFactory, make_ticket, publish_article
from tests.tickets.desk import page, references
from tickets import tasks
from tickets.models import AgentAvailability, Channel, Customer, Identity, Team, Ticket
from tickets.search import index_file, upkeep
from tickets.search.searching import find_cases
from tickets.search.similar import similar_open, similar_solved
from tickets.services import chats, intake, lifecycle, tagging
from tickets.services.history import agent

pytestmark = pytest.mark.django_db


def found(user, text: str) -> list[str]:
    return [one.reference for one in find_cases(user, text)]


@pytest.fixture
def jacket(ada):
    """A case with something of everything, beside one that has nothing of it."""
    make_ticket(
        email="other@example.net", name="Ole Berg", subject="Noe annet", body="En helt annen sak.", language="nb"
    )
    topic = TopicFactory(slug="returns", names={"en": "Returns", "sv": "Returer"})
    ticket = make_ticket(
        email="asa.holm@example.com",
        name="Åsa Holm",
        subject="Jackan läcker",
        body="Dragkedjan gick sönder. Kan ni skicka en ny till fakturaadressen? Ring 070-123 45 67.",
        language="sv",
        topic=topic,
        attachments=[ContentFile(b"words", name="kvitto mars.txt")],
    )
    Identity.objects.create(customer=ticket.customer, kind="phone", value="+46 8-555 12 34")
    lifecycle.add_note(ticket, agent=ada, body="Talked with the warehouse about it.")
    tagging.add_tags(ticket, ["vip kund"], by=agent(ada))
    Ticket.objects.filter(pk=ticket.pk).update(fields={"order": "ZX-9917"})
    upkeep.rebuild()
    return ticket


@pytest.mark.parametrize(
    "text",
    [
        "{reference}", "{reference_lower}", "jackan", "jacka", "JACKAN", "jackan dragkedja", "Åsa", "asa",
        "asa.holm@example.com", "example.com", "fakturaadress", "adress", "warehouse", "vip", "ZX-9917",
        "zx9917 OR 9917", "kvitto", "kvit",
        "070-123 45 67", "+46701234567", "0701234567", "08 555 12 34", "+4685551234", '"gick sönder"', "jackan -skor",
        "jackan OR xyzzy", "from:åsa", "from:asa.holm@example.com", "from:08-5551234",
        'subject:jackan', "file:kvitto",
        'tag:"vip kund"', "topic:returns", "topic:returer jackan", "is:open jackan", "is:unassigned jackan",
        "status:new jackan", "channel:form jackan", "priority:normal jackan", "language:sv", "has:note",
        "has:attachment", "newer:1d jackan",
        "after:2020-01-01 jackan", "jackan -is:solved", "tag:saknas OR jackan", "-xyzzy language:sv",
    ],
)  # fmt: skip
def test_a_case_is_found_by(ada, jacket, text):
    text = text.format(reference=jacket.reference, reference_lower=str(jacket.reference).lower())
    assert found(ada, text) == [jacket.reference]


@pytest.mark.parametrize(
    "text",
    [
        "xyzzy", "jackan xyzzy", "jackan -dragkedja", '"sönder gick"', "from:jackan", "subject:warehouse",
        "is:solved jackan",
        "is:mine jackan", "assignee:me jackan", "tag:other jackan", "before:2020-01-01 jackan", "older:1d jackan",
        "is:spam", "priority:urgent", "channel:phone", "070-999 99 99", "", "-jackan language:sv", "AND",
        "jackan -is:open",
    ],
)  # fmt: skip
def test_a_case_is_not_found_by(ada, jacket, text):
    assert jacket.reference not in found(ada, text)


@pytest.mark.parametrize("text", ["is:nonsense", "before:yesterday", "older:soon", "priority:most", "has:money", "to:"])
def test_an_operator_that_makes_no_sense_is_taken_as_words_and_said_so(client, ada, jacket, text):
    html = page(client, q=f"{text} jackan")
    assert ("was looked for as words" in html) == (text != "to:")


def test_an_operator_that_there_is_not_is_said_where_nothing_was_found(client, ada, jacket):
    html = page(client, q="customer:nobody jackan")
    assert "“customer:” was looked for as a word" in html
    assert "from:, to:, assignee:" in html
    assert jacket.reference in page(client, q="lang:sv jackan")
    make_ticket(body="Re:jacket")
    upkeep.rebuild()
    assert "was looked for as a word" not in page(client, q="re:jacket")


def test_a_colon_in_a_word_is_no_operator(client, ada):
    ticket = make_ticket(body="Re: the link https://shop.example/cart did not open at 12:30")
    upkeep.rebuild()
    assert found(ada, "re: https://shop.example/cart 12:30") == [ticket.reference]


@pytest.mark.parametrize(
    "text", ['"', "(", "*", "NEAR(a b)", "a AND", "^a", "{x} : y", "a:b:c", "-", "--", "OR OR", "😀"]
)
def test_no_text_breaks_the_index(ada, jacket, text):
    found(ada, text)
    found(ada, f"jackan {text}")


@pytest.mark.parametrize("text", ["(", "*", "😀", "- --", ":", '""'])
def test_what_holds_no_word_finds_nothing(ada, jacket, text):
    assert found(ada, text) == []


def test_the_best_match_comes_first_and_the_newest_of_equals(ada):
    said = make_ticket(subject="About a parcel", body="My tent has a hole, and the boots do not fit. " * 5)
    older = make_ticket(subject="A tent", body="It leaks.")
    newer = make_ticket(subject="A tent", body="It leaks.")
    upkeep.rebuild()
    assert found(ada, "tent") == [newer.reference, older.reference, said.reference]


def test_a_change_is_found_at_once(ada, commit):
    upkeep.rebuild()
    with commit():
        ticket = make_ticket(body="A wobbly zeppelin")
    assert found(ada, "zeppelin") == [ticket.reference]
    with commit():
        intake.add_customer_message(ticket, body="And a quagga", channel="email")
    assert found(ada, "quagga zeppelin") == [ticket.reference]
    with commit():
        lifecycle.solve(ticket, agent=ada, article=None)
    assert found(ada, "zeppelin is:solved") == [ticket.reference]
    customer = Customer.objects.get(pk=ticket.customer_id)
    customer.name = "Ottilia"
    with commit():
        customer.save()
    assert found(ada, "ottilia") == [ticket.reference]


def test_the_sweep_finds_what_a_lost_job_left(ada):
    upkeep.rebuild()
    ticket = make_ticket(body="A wobbly zeppelin")
    assert found(ada, "zeppelin") == []
    assert tasks.sweep_case_index() == 1
    assert found(ada, "zeppelin") == [ticket.reference]
    assert tasks.sweep_case_index() == 0


def test_what_is_said_in_a_chat_is_found_soon(ada, monkeypatch):
    Channel.objects.create(kind="chat")
    AgentAvailability.objects.create(user=ada, state="available")
    chat = chats.begin(body="Hello?", language="en")
    upkeep.rebuild()
    now = upkeep.time.time()
    monkeypatch.setattr(upkeep.time, "time", lambda: now)
    chats.say(chat, side="customer", body="A wobbly zeppelin", client_key="line-0001")
    assert tasks.sweep_case_index() == 1
    assert found(ada, "zeppelin") == [chat.ticket.reference]
    chats.say(chat, side="customer", body="And a quagga", client_key="line-0002")
    # Not at each line: a case goes in whole.
    assert tasks.sweep_case_index() == 0
    now += 31
    assert tasks.sweep_case_index() == 1
    assert found(ada, "quagga") == [chat.ticket.reference]
    now += 31
    assert tasks.sweep_case_index() == 0


def test_strangers_and_customers_find_no_more_than_they_may_see(ada, jacket):
    sam = people.sam()
    assert found(sam, "jackan") == []
    sam.email = "asa.holm@example.com"
    sam.save()
    jacket.customer.identities.filter(kind="email").update(is_verified=True)
    assert found(sam, "jackan") == [jacket.reference]
    assert found(sam, "annen") == []


def test_a_merged_case_is_found_by_its_reference_alone(client, ada, jacket):
    other = Ticket.objects.exclude(pk=jacket.pk).get()
    Ticket.objects.filter(pk=jacket.pk).update(merged_into=other)
    assert found(ada, "jackan") == []
    assert found(ada, str(jacket.reference)) == [jacket.reference]
    assert f"Goes on in {other.reference}" in page(client, q=str(jacket.reference))


def test_filters_narrow_a_search(client, ada, jacket):
    assert references(page(client, q="jackan", language="sv")) == [jacket.reference]
    assert references(page(client, q="jackan", language="nb")) == []
    team = Team.objects.create(key="orders", name="Orders")
    assert references(page(client, q="jackan", team=team.key)) == []


def test_the_page_shows_where_the_words_stand(client, ada, jacket):
    assert "<mark>Dragkedjan</mark>" in page(client, q="dragkedja")


# When the index is not what it should be


def test_without_an_index_the_database_answers_and_says_so(client, ada, monkeypatch):
    ticket = make_ticket(body="A wobbly zeppelin")
    asked = []
    monkeypatch.setattr("tickets.search.searching.enqueue", lambda task, *args: asked.append(task.name))
    html = page(client, q="zeppelin -is:solved")
    assert references(html) == [ticket.reference]
    assert "slower and plainer" in html
    assert asked == ["tickets.tasks.repair_case_index"]


def test_a_damaged_index_is_noticed_and_mended(client, ada, jacket):
    path = upkeep.current() / index_file.NAME
    for name in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        if name.exists():
            name.write_bytes(b"rubbish" * 1000)
    assert "cannot be used" in upkeep.problem()
    with pytest.raises(IndexUnavailable):
        index_file.check(upkeep.current())
    assert references(page(client, q="jackan")) == [jacket.reference]
    # The search asked for the repair, which has run by now.
    assert upkeep.problem() == ""
    assert references(page(client, q="jacka")) == [jacket.reference]


def test_what_another_version_made_is_not_read(ada, jacket, monkeypatch):
    monkeypatch.setattr(connections["cases"].get_backend().store, "fingerprint", "9")
    assert "another version" in upkeep.problem()
    assert tasks.sweep_case_index() == 2
    assert upkeep.problem() == ""


def test_the_command_builds_it(ada, capsys):
    ticket = make_ticket(body="A wobbly zeppelin")
    call_command("rebuild_index", "--using", "cases")
    assert "1 cases indexed" in capsys.readouterr().out
    assert found(ada, "zeppelin") == [ticket.reference]


def test_the_rebuild_forgets_cases_that_are_gone(ada, jacket):
    numbers = {jacket.pk}
    upkeep.index_cases(numbers, are_gone=True)
    assert found(ada, "jackan") == []
    upkeep.rebuild()
    assert found(ada, "jackan") == [jacket.reference]


# Similar cases


def test_similar_solved_cases_are_those_with_the_rarest_words_in_common(ada):
    article = publish_article("Zips are repaired").article
    for number in range(4):
        make_ticket(subject=f"Parcel {number}", body="Where is my parcel? It has not come yet.")
    alike = make_ticket(subject="Broken zipper", body="The zipper of my parka is stuck.")
    lifecycle.solve(alike, agent=ada, article=article)
    open_one = make_ticket(subject="Zipper of a parka", body="The zipper is stuck again.")
    ticket = make_ticket(subject="Parka", body="The zipper does not close.")
    upkeep.rebuild()
    assert similar_solved(ticket) == [alike]
    assert similar_solved(ticket)[0].answered_by == article
    assert open_one not in similar_solved(ticket)
    assert alike not in similar_solved(alike)


def test_similar_open_cases_are_those_that_go_on_and_may_be_seen(ada):
    over = make_ticket(subject="Broken zipper", body="The zipper of my parka is stuck.")
    lifecycle.solve(over, agent=ada, article=None)
    open_one = make_ticket(subject="Zipper of a parka", body="The zipper is stuck again.")
    ticket = make_ticket(subject="Parka", body="The zipper does not close.")
    upkeep.rebuild()
    assert similar_open(ticket, Ticket.objects.all()) == [open_one]
    assert similar_open(ticket, Ticket.objects.none()) == []
    lifecycle.solve(open_one, agent=ada, article=None)
    assert similar_open(ticket, Ticket.objects.all()) == [], "the index does not know yet, the database does"


def test_one_word_in_common_makes_no_two_cases_alike(ada):
    hardly = make_ticket(subject="Voucher", body="A voucher for a friend in the mountains.")
    lifecycle.solve(hardly, agent=ada, article=None)
    ticket = make_ticket(subject="Tent", body="Is it dry enough for mountains?")
    upkeep.rebuild()
    assert similar_solved(ticket) == []


def test_similar_cases_of_an_index_that_is_missing_are_none(ada):
    assert similar_solved(make_ticket()) == []
