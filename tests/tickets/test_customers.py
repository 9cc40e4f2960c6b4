"""Customers: their addresses and company, two records of one person, and finding those."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.utils import timezone

from tests import people
from tests.factories import make_ticket
from tickets.errors import TicketError
from tickets.models import Company, Customer, Identity, Message, Participant, PossibleDuplicate
from tickets.services import history, intake
from tickets.services.case_history import history_lines
from tickets.services.customer_merging import merge_customers, undo_merge
from tickets.services.customers import change_customer, customer_by_email, gather_customers, normalise_phone
from tickets.services.duplicates import Reason, look_for_duplicates, mail_key, name_key, not_the_same, open_pairs
from tickets.services.participants import add_participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return people.ada()


@pytest.fixture
def by(ada):
    return history.agent(ada)


@pytest.fixture
def cleo():
    return make_ticket(body="Cleo's").customer


@pytest.fixture
def work():
    """Cleo's other record."""
    return make_ticket(email="cleo@work.example", name="C. Lind", body="From work").customer


# Numbers and companies


@pytest.mark.parametrize(
    ("typed", "language", "kept"),
    [
        ("+46 (0)70-123 45 67", "", "+46701234567"),
        ("0046 70 123 45 67", "", "+46701234567"),
        ("070-123 45 67", "sv", "+46701234567"),
        ("070-123 45 67", "en", "0701234567"),
        ("22 33 44 55", "nb", "+4722334455"),
        ("22.33.44.55", "da", "+4522334455"),
        ("+1 555 123/4567", "sv", "+15551234567"),
    ],
)
def test_phone_numbers_are_kept_in_one_notation(typed, language, kept):
    assert normalise_phone(typed, language) == kept


@pytest.mark.parametrize("typed", ["", "123", "call me", "070-123 45 67 ext 5", "1" * 20, "+"])
def test_what_is_no_phone_number(typed):
    with pytest.raises(TicketError):
        normalise_phone(typed, "sv")


def test_a_new_customer_belongs_to_the_company_of_their_mail_domain():
    acme = Company.objects.create(name="Acme", domain="acme.example")
    Company.objects.create(name="Everybody", domain="gmail.com")
    assert customer_by_email("a@ACME.example").company == acme
    assert customer_by_email("a@sub.acme.example").company is None
    assert customer_by_email("a@gmail.com").company is None


def test_a_company_gathers_who_writes_from_its_domain(cleo):
    other = Company.objects.create(name="Other")
    taken = customer_by_email("b@acme.example")
    Customer.objects.filter(pk=taken.pk).update(company=other)
    free = customer_by_email("c@acme.example")
    assert gather_customers(Company.objects.create(name="Acme", domain="@Acme.example")) == 1
    free.refresh_from_db()
    taken.refresh_from_db()
    assert (free.company.name, taken.company) == ("Acme", other)
    assert gather_customers(Company.objects.create(name="G", domain="gmail.com")) == 0


def test_changing_a_record_says_whether_it_did(ada, cleo):
    assert change_customer(cleo, {"name": "Cleo L", "region": "North", "pk": 5}, by=ada)
    assert not change_customer(cleo, {"name": "Cleo L"}, by=ada)
    cleo.refresh_from_db()
    assert (cleo.name, cleo.region) == ("Cleo L", "North")


# One person, two records


def test_merging_moves_all_that_a_record_holds(ada, by, cleo, work):
    third = make_ticket(email="kim@example.com")
    add_participant(third, "cleo@work.example", by=by)
    intake.add_customer_message(third, body="On copy", channel="email", customer=work)
    Customer.objects.filter(pk=cleo.pk).update(notes="Kind", name="")
    Customer.objects.filter(pk=work.pk).update(notes="Patient", region="North")

    merge = merge_customers(cleo, work, by=ada)

    cleo.refresh_from_db()
    assert not Customer.objects.filter(pk=work.pk).exists()
    assert (cleo.name, cleo.region, cleo.notes) == ("C. Lind", "North", "Kind\n\nPatient")
    assert set(cleo.identities.values_list("value", flat=True)) == {"cleo@example.com", "cleo@work.example"}
    assert cleo.tickets.count() == 2
    assert third.participants.get().customer == cleo
    assert Message.objects.get(body="On copy").customer == cleo
    assert merge.merged_by == ada
    moved = cleo.tickets.get(messages__body="From work")
    (*_rest, line) = history_lines(list(moved.events.select_related("actor")))
    assert line.text == "Ada Ek changed the customer from “C. Lind” to “C. Lind”"


def test_undoing_brings_both_back_as_they_were(ada, by, cleo, work):
    third = make_ticket(email="kim@example.com")
    for address in ("cleo@work.example", "cleo@example.com"):
        add_participant(third, address, by=by)
    add_participant(cleo.tickets.get(), "cleo@work.example", by=by)
    Customer.objects.filter(pk=work.pk).update(notes="Patient", region="North", language="sv")
    before = {one.pk: _whole(one) for one in Customer.objects.all()}

    merge = merge_customers(cleo, work, by=ada)
    assert third.participants.count() == 1
    assert not cleo.tickets.filter(participants__customer=cleo).exists()
    undone = undo_merge(merge, by=ada)

    assert undone.left == []
    assert {one.pk: _whole(one) for one in Customer.objects.all()} == before
    assert not open_pairs().exists()
    with pytest.raises(TicketError, match="undone already"):
        undo_merge(merge, by=ada)


def _whole(customer: Customer) -> dict[str, object]:
    return {
        "facts": (customer.name, customer.region, customer.notes, customer.language, customer.created_at),
        "identities": set(customer.identities.values_list("value", flat=True)),
        "cases": set(customer.tickets.values_list("pk", flat=True)),
        "copies": set(customer.participations.values_list("ticket", flat=True)),
    }


def test_what_was_changed_since_stays_and_is_named(ada, cleo, work):
    Customer.objects.filter(pk=work.pk).update(notes="Patient", region="North")
    merge = merge_customers(cleo, work, by=ada)
    cleo.refresh_from_db()
    cleo.notes, cleo.region = "Kind now", "South"
    cleo.save()
    kim = make_ticket(email="kim@example.com").customer
    moved = cleo.tickets.get(messages__body="From work")
    moved.customer = kim
    moved.save()
    Identity.objects.filter(value="cleo@work.example").delete()

    undone = undo_merge(merge, by=ada)

    cleo.refresh_from_db()
    moved.refresh_from_db()
    assert (cleo.notes, cleo.region) == ("Kind now", "South")
    assert (undone.customer.pk, undone.customer.notes) == (work.pk, "Patient")
    assert moved.customer == kim
    assert undone.left == [
        "1 case belongs to somebody else by now and stays there.",
        "1 address has been removed or moved since.",
        "“region” was changed since and stays as it is.",
        "The notes were changed since, so both records have them.",
    ]


def test_merges_on_merges_are_undone_from_the_last(ada, cleo, work):
    kim = make_ticket(email="kim@example.com").customer
    first = merge_customers(work, cleo, by=ada)
    second = merge_customers(kim, work, by=ada)
    first.refresh_from_db()
    assert first.kept == kim
    back = undo_merge(second, by=ada).customer
    first.refresh_from_db()
    assert (back, first.kept) == (work, work)
    undo_merge(first, by=ada)
    assert cleo.identities.get().value == "cleo@example.com"
    assert cleo.tickets.count() == work.tickets.count() == kim.tickets.count() == 1


def test_a_record_is_not_merged_with_itself_nor_with_one_that_is_gone(ada, cleo, work):
    with pytest.raises(TicketError, match="this very record"):
        merge_customers(cleo, cleo, by=ada)
    Participant.objects.filter(customer=work).delete()
    work.tickets.all().update(customer=cleo)
    Customer.objects.get(pk=work.pk).delete()
    with pytest.raises(TicketError, match="not there any more"):
        merge_customers(cleo, work, by=ada)


def test_merging_knows_all_that_points_at_a_customer():
    """Whoever adds a relation has to say what becomes of it when two records become one (customer_merging)."""
    known = {
        ("identity", "customer"), ("ticket", "customer"), ("participant", "customer"), ("message", "customer"),
        ("customermerge", "kept"), ("possibleduplicate", "first"), ("possibleduplicate", "second"),
            ("journey", "customer"),
    }  # fmt: skip
    pointing = {
        (field.model._meta.model_name, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if getattr(field, "related_model", None) is Customer and not field.auto_created
    }
    assert pointing == known


# Looking for duplicates


def found() -> dict[frozenset[int], list[str]]:
    look_for_duplicates()
    return {frozenset((one.first_id, one.second_id)): one.reasons for one in open_pairs()}


def person(name: str, *identities: tuple[str, str], company: Company | None = None, language: str = "en") -> int:
    customer = Customer.objects.create(name=name, company=company, language=language)
    for kind, value in identities:
        Identity.objects.create(customer=customer, kind=kind, value=value)
    return customer.pk


def test_each_reason_to_think_of_one_person():
    acme = Company.objects.create(name="Acme")
    pairs = {
        Reason.SAME_MAIL: (
            person("A", ("email", "c.leo@gmail.com")), person("B", ("email", "cleo+shop@googlemail.com")),
        ),
        Reason.SAME_PHONE: (
            person("C", ("phone", "070-123 45 67"), language="sv"), person("D", ("whatsapp", "+46 70 123 45 67")),
        ),
        Reason.NAME_AND_COMPANY: (person("Åsa Öberg", company=acme), person("ÖBERG, Asa", company=acme)),
        Reason.NAME_AND_DOMAIN: (
            person("Eva Ek", ("email", "eva@firm.example")), person("eva ek", ("email", "info@firm.example")),
        ),
        Reason.NAME_AND_MAIL: (
            person("Kim Berg", ("email", "kim.berg@one.example")), person("Kim Berg", ("email", "kimberg@gmail.com")),
        ),
    }  # fmt: skip
    assert found() == {frozenset(pair): [reason.value] for reason, pair in pairs.items()}


def test_who_only_looks_a_little_alike_is_not_a_pair():
    acme = Company.objects.create(name="Acme")
    person("Anna", ("email", "anna@one.example"), company=acme)
    person("Anna", ("email", "anna@two.example"), company=acme)
    person("Anna Berg", ("email", "a@gmail.com"), ("phone", "112"))
    person("Anna Berg", ("email", "b@gmail.com"), ("phone", "1 12"))
    person("Kim Berg", ("email", "kim.berg1@gmail.com"))
    person("Kim Berg", ("email", "kim.berg2@gmail.com"))
    person("Bo Ek", ("email", "b.e@gmail.com"), ("email", "be@gmail.com"))
    assert found() == {}


def test_what_everybody_shares_says_nothing():
    for number in range(60):
        person(f"P {number}", ("email", f"p{number}@example.com"), ("phone", f"+46 8 123 45 67{' ' * number}"))
    assert found() == {}


def test_a_pair_goes_when_it_looks_alike_no_more_and_never_comes_back_once_decided(ada):
    one = Customer.objects.get(pk=person("A", ("phone", "+46701234567")))
    two = Customer.objects.get(pk=person("B", ("phone", "0046701234567")))
    assert len(found()) == 1
    found_first = PossibleDuplicate.objects.get().pk
    assert len(found()) == 1
    assert PossibleDuplicate.objects.get().pk == found_first
    not_the_same(two, one, by=ada)
    assert found() == {}
    assert PossibleDuplicate.objects.get().dismissed_by == ada
    PossibleDuplicate.objects.all().delete()
    assert len(found()) == 1
    two.identities.all().delete()
    assert found() == {}
    assert not PossibleDuplicate.objects.exists()


def test_the_cost_of_looking_does_not_grow_with_the_number_of_pairs(django_assert_max_num_queries):
    now = timezone.now()
    customers = Customer.objects.bulk_create(
        Customer(name=f"Kim Berg{chr(97 + number % 26)}", created_at=now) for number in range(400)
    )
    Identity.objects.bulk_create(
        Identity(customer=one, kind="email", value=f"kim.berg+{number}@firm{number % 200}.example")
        for number, one in enumerate(customers)
    )
    with django_assert_max_num_queries(15):
        look_for_duplicates()
    assert open_pairs().count() >= 200


@pytest.mark.parametrize(
    ("one", "other"), [("Cleo Lind", "lind, CLEO"), ("Åsa Öberg", "asa oberg"), ("Søren Ærø", "soren aero")]
)
def test_names_are_compared_without_accents_and_order(one, other):
    assert name_key(one) == name_key(other) != ""


def test_a_first_name_alone_is_no_name():
    assert name_key("Cleo") == name_key("") == name_key("!!") == ""


def test_mailboxes_written_in_two_ways():
    assert mail_key("C.Leo+x@GoogleMail.com") == mail_key("cleo@gmail.com")
    assert mail_key("c.leo@example.com") != mail_key("cleo@example.com")
