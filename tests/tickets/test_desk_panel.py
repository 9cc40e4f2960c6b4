"""The panel beside a case, merging and splitting at the desk, and the pages about customers."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tests import people
from tests.factories import TopicFactory, make_ticket
from tickets.models import Company, Customer, CustomField, Identity, PossibleDuplicate, Team, Ticket
from tickets.search import upkeep
from tickets.services import history, intake, lifecycle
from tickets.services.customer_merging import merge_customers
from tickets.services.duplicates import look_for_duplicates
from tickets.services.links import case_path
from tickets.services.merging import merge
from tickets.services.participants import add_participant
from tickets.services.tagging import add_tags

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"
CASE_POSTS = ["properties", "tags", "fields", "people", "linked", "follow", "merge", "unmerge"]
CUSTOMER_POSTS = ["customer", "addresses", "merge_customer", "two_people"]


@pytest.fixture
def ticket():
    return make_ticket()


def at(name: str, *args: object) -> str:
    return reverse(f"desk:{name}", args=args)


def html_of(client, name: str, *args: object, **query: object) -> str:
    response = client.get(at(name, *args), query)
    assert response.status_code == 200
    return response.content.decode()


# The door


@pytest.mark.parametrize("name", CASE_POSTS)
def test_only_who_works_cases_changes_them(client, ticket, name):
    target = at(name, ticket.reference)
    data = {"priority": "urgent", "tags": "late", "email": "x@example.com", "case": "SV-1", "into": "SV-1"}
    assert client.post(target, data).status_code == 302
    assert client.post(target, data, headers={"HX-Request": "true"}).status_code == 401
    client.force_login(people.sam())
    assert client.post(target, data).status_code == 403
    client.force_login(people.ada())
    assert client.post(at(name, "SV-1"), data).status_code == 404
    assert ticket.events.count() == 1


def test_a_customer_who_is_logged_in_changes_nothing_of_their_own_case(client, ticket):
    """The customer may see the case, yet not work on it."""
    Identity.objects.filter(value="cleo@example.com").update(is_verified=True)
    client.force_login(people.UserFactory(email="cleo@example.com"))
    assert client.post(at("properties", ticket.reference), {"priority": "urgent"}).status_code == 403
    assert client.get(at("merge", ticket.reference)).status_code == 403
    assert client.get(at("customer", ticket.customer_id)).status_code == 403


@pytest.mark.parametrize("name", [one for one in CASE_POSTS if one != "merge"])
def test_changes_are_posts(client, ada, ticket, name):
    assert client.get(at(name, ticket.reference)).status_code == 405


@pytest.mark.parametrize("name", [*CUSTOMER_POSTS, "customers", "duplicates"])
def test_only_who_works_cases_sees_customers(client, ticket, name):
    args = [] if name in ("customers", "duplicates") else [ticket.customer_id]
    method = client.get if name in ("customers", "duplicates") else client.post
    back = method(at(name, *args))
    assert back.status_code == 302
    assert back.url.endswith(f"?next={at('customer', *args) if args else at(name)}")
    client.force_login(people.sam())
    assert method(at(name, *args)).status_code == 403
    if args:
        client.force_login(people.ada())
        assert client.post(at(name, 10**9)).status_code == 404


# The panel


def test_a_property_is_changed_from_the_panel(client, ada, ticket):
    TopicFactory(slug="delivery", names={"en": "Delivery", "sv": "Leverans"})
    Team.objects.create(key="returns", name="Returns team")
    for name, value in (("priority", "urgent"), ("topic", "delivery"), ("team", "returns"), ("subject", "New words")):
        response = client.post(at("properties", ticket.reference) + "?view=mine", {name: value})
        assert response.url == at("case", ticket.reference) + "?view=mine"
    html = html_of(client, "case", ticket.reference)
    assert 'value="urgent" selected' in html
    assert 'value="delivery" selected' in html
    assert "New words" in html
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.topic.slug, ticket.team.key) == ("urgent", "delivery", "returns")


def test_what_cannot_be_taken_comes_back_with_the_reason(client, ada, ticket):
    long = "Kept words " + "x" * 200
    response = client.post(at("properties", ticket.reference), {"subject": long})
    html = response.content.decode()
    assert response.status_code == 422
    assert "the limit is 200" in html
    assert long in html
    response = client.post(at("people", ticket.reference), {"email": "kept words"})
    assert response.status_code == 422
    assert "Write your whole e-mail address" in response.content.decode()
    assert 'value="kept words"' in response.content.decode()
    assert client.post(at("properties", ticket.reference), {"priority": "nonsense"}).status_code == 422
    assert client.post(at("properties", ticket.reference), {"status": "closed"}).status_code == 302
    ticket.refresh_from_db()
    assert ticket.status == "new"


def test_tags_from_the_panel(client, ada, ticket):
    client.post(at("tags", ticket.reference), {"tags": "Late, #Parcel"})
    assert sorted(ticket.tags.values_list("name", flat=True)) == ["late", "parcel"]
    client.post(at("tags", ticket.reference), {"remove": "late"})
    assert ticket.tags.get().name == "parcel"
    assert "Remove the tag parcel" in html_of(client, "case", ticket.reference)
    assert client.post(at("tags", ticket.reference), {"tags": " , "}).status_code == 422
    refused = client.post(at("tags", ticket.reference), {"tags": "x" * 60 + "\x00"})
    assert refused.status_code == 422
    assert "x" * 60 in refused.content.decode()


def test_fields_from_the_panel(client, ada, ticket):
    field = CustomField.objects.create(key="order", pattern=r"A\d+", is_required=True)
    field.texts.create(language="en", label="Order number")
    CustomField.objects.create(key="gift", kind="flag")
    assert "To be filled in" in html_of(client, "case", ticket.reference)
    response = client.post(at("fields", ticket.reference), {"field-order": "Kept", "field-gift": "yes"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "“Kept” is not right for “Order number”." in html
    assert 'value="Kept"' in html
    assert 'value="yes" selected' in html
    client.post(at("fields", ticket.reference), {"field-order": "A12", "field-gift": "no"})
    ticket.refresh_from_db()
    assert ticket.fields == {"order": "A12", "gift": False}


def test_people_links_and_following_from_the_panel(client, ada, ticket):
    other = make_ticket(subject="The other one", email="kim@example.com")
    client.post(at("people", ticket.reference), {"email": "Sam@example.com", "name": "Sam Strand"})
    sam = ticket.participants.get().customer
    assert (str(sam), sam.email) == ("Sam Strand", "sam@example.com")
    client.post(at("linked", ticket.reference), {"case": other.reference.lower().replace("-", " ")})
    client.post(at("follow", ticket.reference), {"follow": "yes"})
    html = html_of(client, "case", ticket.reference)
    for words in ("Sam Strand", "The other one", "Following", "Ada Ek linked this case with"):
        assert words in html
    assert ada.followed_tickets.get() == ticket
    client.post(at("people", ticket.reference), {"remove": sam.pk})
    client.post(at("linked", ticket.reference), {"remove": other.reference})
    client.post(at("follow", ticket.reference), {"follow": "no"})
    assert not ticket.participants.exists()
    assert not ticket.links_out.exists()
    assert not ada.followed_tickets.exists()
    for typed in ("SV-999999", "", "nonsense", "\x00", ticket.reference):
        assert client.post(at("linked", ticket.reference), {"case": typed}).status_code == 422
    assert client.post(at("people", ticket.reference), {"remove": other.customer_id}).status_code == 404


def test_what_people_write_is_shown_as_written(client, ada):
    ticket = make_ticket(subject=SCRIPT, name=SCRIPT)
    ticket.customer.notes = SCRIPT
    ticket.customer.save()
    by = history.agent(ada)
    add_tags(ticket, [SCRIPT], by=by)
    add_participant(ticket, "sam@example.com", SCRIPT, by=by)
    CustomField.objects.create(key="f").texts.create(language="en", label=SCRIPT)
    other = make_ticket(subject=SCRIPT, email="kim@example.com", name=SCRIPT)
    client.post(at("linked", ticket.reference), {"case": other.reference})
    pages = [
        html_of(client, "case", ticket.reference),
        html_of(client, "merge", ticket.reference, into=other.reference),
        html_of(client, "customers"),
        html_of(client, "customer", ticket.customer_id),
        html_of(client, "merge_customer", ticket.customer_id, **{"with": other.customer_id}),
    ]
    for html in pages:
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html


@pytest.mark.parametrize("count", [1, 6])
def test_the_panel_costs_the_same_however_much_hangs_on_a_case(client, ada, count, django_assert_max_num_queries):
    ticket = make_ticket()
    by = history.agent(ada)
    for number in range(count):
        add_tags(ticket, [f"tag{number}"], by=by)
        add_participant(ticket, f"p{number}@example.com", by=by)
        other = make_ticket(email=f"o{number}@example.com")
        client.post(at("linked", ticket.reference), {"case": other.reference})
        CustomField.objects.create(key=f"f{number}").texts.create(language="en", label=f"Field {number}")
        PossibleDuplicate.objects.create(first=ticket.customer, second=other.customer, reasons=["same_phone"])
    html_of(client, "case", ticket.reference)
    with django_assert_max_num_queries(_PANEL_QUERIES.setdefault("limit", 200)) as seen:
        html_of(client, "case", ticket.reference)
    _PANEL_QUERIES["limit"] = len(seen)


# The first round of the test above sets the limit for the second.
_PANEL_QUERIES: dict[str, int] = {}


# Merging and splitting


def test_merging_asks_first_and_then_does_it(client, ada):
    kept, gone = make_ticket(subject="Kept one"), make_ticket(subject="Gone one")
    assert "Kept one" in html_of(client, "merge", gone.reference)
    html = html_of(client, "merge", gone.reference, into=kept.reference)
    assert "This one stays" in html
    assert "two people" not in html
    gone.refresh_from_db()
    assert gone.merged_into is None
    response = client.post(at("merge", gone.reference), {"into": kept.reference})
    assert response.url == at("case", kept.reference)
    html = html_of(client, "case", gone.reference)
    assert f"This case goes on in {kept.reference}." in html
    client.post(at("unmerge", gone.reference))
    gone.refresh_from_db()
    assert gone.merged_into is None


def test_the_cases_to_merge_with_are_offered_the_likeliest_first(client, ada):
    gone = make_ticket(subject="Parka", body="The zipper of my parka is stuck.")
    over = make_ticket(subject="Over one")
    lifecycle.solve(over, agent=ada, article=None)
    still_open = make_ticket(subject="Open one")
    alike = make_ticket(subject="Zipper of a parka", body="It is stuck.", email="sam@example.com", name="Sam Strand")
    upkeep.rebuild()
    html = html_of(client, "merge", gone.reference)
    offered = re.findall(r"\?into=(SV-\d+)", html)
    assert offered == [still_open.reference, alike.reference, over.reference]
    assert "Sam Strand" in html
    assert 'name="into"' in html, "the number can still be typed"


def test_merging_the_cases_of_two_people_needs_a_word(client, ada):
    kept, gone = make_ticket(), make_ticket(email="sam@example.com", name="Sam Strand")
    html = html_of(client, "merge", gone.reference, into=kept.reference)
    assert "The cases are of two people." in html
    assert client.post(at("merge", gone.reference), {"into": kept.reference}).status_code == 422
    gone.refresh_from_db()
    assert gone.merged_into is None
    done = client.post(at("merge", gone.reference), {"into": kept.reference, "may_share": "yes"})
    assert done.status_code == 302


@pytest.mark.parametrize("typed", ["SV-999999", "nonsense", "\x00", "SV-"])
def test_a_case_that_is_not_there_cannot_be_merged_into(client, ada, ticket, typed):
    assert "There is no case" in html_of(client, "merge", ticket.reference, into=typed + "x")
    assert client.post(at("merge", ticket.reference), {"into": typed}).status_code == 422


def test_after_a_merge_the_other_customers_link_never_shows_the_kept_case(client, ada):
    kept = make_ticket(body="Cleo's secret words")
    gone = make_ticket(body="Sam's words", email="sam@example.com", name="Sam Strand")
    path = case_path(gone)
    merge(gone, into=kept, by=history.agent(ada), may_share=True)
    client.logout()
    html = client.get(path, follow=True).content.decode()
    assert "Cleo's secret" not in html
    assert "cleo@example.com" not in html


def test_splitting_asks_first_and_then_does_it(client, ada, ticket):
    message = intake.add_customer_message(ticket, body="Something else", channel="email")
    assert at("split", ticket.reference, message.pk) in html_of(client, "case", ticket.reference)
    assert "Something else" in html_of(client, "split", ticket.reference, message.pk)
    assert Ticket.objects.count() == 1
    response = client.post(at("split", ticket.reference, message.pk), {"which": "only", "subject": "Another"})
    new = Ticket.objects.exclude(pk=ticket.pk).get()
    assert response.url == at("case", new.reference)
    assert new.subject == "Another"


def test_a_message_is_split_off_its_own_case_only(client, ada, ticket):
    other = make_ticket()
    first = other.messages.get()
    for send in (client.get, client.post):
        assert send(at("split", ticket.reference, first.pk)).status_code == 404
    refused = client.post(at("split", other.reference, first.pk), {"subject": "Kept words"})
    assert refused.status_code == 422
    assert "would be left" in refused.content.decode()
    assert "Kept words" in refused.content.decode()


# Customers


@pytest.mark.parametrize(
    "words", ["cleo lind", "LIND", "cleo@exam", "+46 70-123 45 67", "070 1234567", "0046701234567", "acme", "åsa"]
)
def test_customers_are_found_by_what_somebody_knows(client, ada, words):
    make_ticket(email="sam@example.com", name="Sam Strand")
    ticket = make_ticket(name="Cleo Åsa Lind")
    cleo = ticket.customer
    cleo.company = Company.objects.create(name="Acme AB")
    cleo.save()
    Identity.objects.create(customer=cleo, kind="phone", value="+46701234567")
    html = html_of(client, "customers", find=words)
    assert re.findall(r'class="person-row" href="/desk/customers/(\d+)/', html) == [str(cleo.pk)]


@pytest.mark.parametrize("words", ["%", "_", "'", "\x00", "x" * 5000, "((", "+", "0"])
def test_no_words_are_too_odd(client, ada, ticket, words):
    assert client.get(at("customers"), {"find": words}).status_code == 200
    assert client.get(at("customers"), {"page": words}).status_code == 200


@pytest.mark.parametrize("count", [2, 20])
def test_the_list_of_customers_costs_the_same_however_many(client, ada, count, django_assert_max_num_queries):
    company = Company.objects.create(name="Acme AB")
    for number in range(count):
        ticket = make_ticket(email=f"c{number}@example.com")
        Customer.objects.filter(pk=ticket.customer_id).update(company=company)
    html_of(client, "customers")
    with django_assert_max_num_queries(_LIST_QUERIES.setdefault("limit", 100)) as seen:
        html_of(client, "customers")
    _LIST_QUERIES["limit"] = len(seen)


_LIST_QUERIES: dict[str, int] = {}


def test_a_record_shows_and_takes_what_is_known(client, ada, ticket):
    cleo = ticket.customer
    html = html_of(client, "customer", cleo.pk)
    assert ticket.reference in html
    response = client.post(
        at("customer", cleo.pk),
        {"name": "Cleo L", "company_name": "Acme AB", "region": "Skåne", "language": "sv", "notes": "Likes jackets"},
    )
    assert response.status_code == 302
    cleo.refresh_from_db()
    assert (cleo.name, cleo.company.name, cleo.region, cleo.language) == ("Cleo L", "Acme AB", "Skåne", "sv")
    assert "Likes jackets" in html_of(client, "case", ticket.reference)
    refused = client.post(at("customer", cleo.pk), {"name": "Kept", "language": "xx", "notes": "y" * 10_001})
    assert refused.status_code == 422
    assert "Kept" in refused.content.decode()
    assert "the limit is 10000" in refused.content.decode().replace("\xa0", "").replace(",", "")
    cleo.refresh_from_db()
    assert cleo.name == "Cleo L"


def test_addresses_are_added_checked_and_removed(client, ada, ticket):
    cleo = ticket.customer
    sam = make_ticket(email="sam@example.com", name="Sam Strand").customer
    target = at("addresses", cleo.pk)
    client.post(target, {"kind": "phone", "value": "+46 (0)70-123 45 67"})
    phone = cleo.identities.get(kind="phone")
    assert phone.value == "+46701234567"
    for kind, value in (
        ("email", "sam@example.com"),
        ("email", "x"),
        ("phone", "call me"),
        ("odd", "x"),
        ("phone", ""),
    ):
        refused = client.post(target, {"kind": kind, "value": value})
        assert refused.status_code == 422
    assert "If they are one person, merge the two" in client.post(
        target, {"kind": "email", "value": "sam@example.com"}
    ).content.decode().replace("&#x27;", "'")
    client.post(target, {"verify": phone.pk})
    phone.refresh_from_db()
    assert phone.is_verified
    client.post(target, {"doubt": phone.pk})
    client.post(target, {"remove": phone.pk})
    assert not cleo.identities.filter(kind="phone").exists()
    client.post(target, {"remove": cleo.identities.get().pk})
    assert cleo.identities.count() == 1
    assert client.post(target, {"remove": sam.identities.get().pk}).status_code == 404
    assert client.post(target, {"verify": "x"}).status_code == 404


def test_two_records_are_merged_and_parted_at_the_desk(client, ada):
    cleo = make_ticket().customer
    other = make_ticket(email="cleo@work.example", name="C. Lind").customer
    html = html_of(client, "merge_customer", cleo.pk, **{"with": other.pk})
    assert "cleo@work.example" in html
    assert Customer.objects.count() == 2
    assert "C. Lind" in html_of(client, "merge_customer", cleo.pk, find="work")
    client.post(at("merge_customer", cleo.pk), {"with": other.pk})
    assert cleo.identities.count() == 2
    assert "C. Lind, merged on" in html_of(client, "customer", cleo.pk)
    response = client.post(at("undo_customer_merge", cleo.merges.get().pk))
    assert response.url == at("customer", other.pk)
    assert cleo.identities.get().value == "cleo@example.com"
    for wrong in (cleo.pk, 10**9, "x"):
        assert client.get(at("merge_customer", cleo.pk), {"with": wrong}).status_code in (200, 404)


def test_pairs_are_offered_until_somebody_decides(client, ada):
    one = make_ticket(email="cleo.lind@gmail.com").customer
    two = make_ticket(email="cleolind+shop@gmail.com", name="").customer
    look_for_duplicates()
    assert "1 pair looks like one person" in html_of(client, "customers")
    assert "The same mailbox, written in two ways" in html_of(client, "duplicates")
    assert "may be the same person" in html_of(client, "customer", two.pk)
    client.post(at("two_people", one.pk), {"other": two.pk, "from": "list"})
    look_for_duplicates()
    assert "No two records look like one person" in html_of(client, "duplicates")
    assert client.post(at("two_people", one.pk), {"other": one.pk}).status_code == 404


def test_whoever_logs_in_sees_the_cases_of_both_records_only_while_they_are_one(client, ada):
    """The customer's side of merging records: no case of the other one before, nor after it is undone."""
    cleo, other = make_ticket(), make_ticket(email="cleo@work.example", subject="The secret one")
    Identity.objects.filter(value="cleo@example.com").update(is_verified=True)
    login = people.UserFactory(email="cleo@example.com")
    visible = Ticket.objects.visible_to(login)
    assert list(visible) == [cleo]
    merge_customers(cleo.customer, other.customer, by=ada)
    assert set(visible.all()) == {cleo, other}
    client.post(at("undo_customer_merge", cleo.customer.merges.get().pk))
    assert list(visible.all()) == [cleo]
