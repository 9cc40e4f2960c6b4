"""The admin of tags, root causes, fields, macros, companies, customers and ratings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import people
from tests.factories import TopicFactory, make_ticket
from tickets.models import Company, Customer, CustomField, Macro, MacroUse, Rating, RootCause, Tag
from tickets.services import lifecycle
from tickets.services.customers import customer_by_email

pytestmark = pytest.mark.django_db
LISTS = ["tag", "rootcause", "customfield", "macro", "company", "customer", "rating"]


@pytest.fixture
def manager(client):
    client.force_login(people.max_())
    return client


def inline(prefix: str, *rows: dict[str, object]) -> dict[str, object]:
    data: dict[str, object] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


@pytest.mark.parametrize("model", LISTS)
def test_managers_see_the_lists_and_agents_do_not(manager, client, model):
    ticket = make_ticket()
    Tag.objects.create(name="late")
    RootCause.objects.create(key="late", name="Late parcels", is_active=False)
    CustomField.objects.create(key="order", is_required=True).texts.create(language="en", label="Order number")
    Macro.objects.create(name="Thanks").texts.create(language="sv", body="Tack!")
    Company.objects.create(name="Acme", domain="acme.example")
    Rating.objects.create(ticket=ticket, satisfaction=5, effort=6, comment="Kind")
    html = manager.get(f"/admin/tickets/{model}/")
    assert html.status_code == 200
    assert manager.get("/admin/tickets/tag/").status_code == 200
    client.force_login(people.ada())
    assert client.get(f"/admin/tickets/{model}/").status_code == 403


def test_the_menu_leads_there(manager):
    html = manager.get("/admin/tickets/tag/").content.decode()
    for model in LISTS:
        assert f'href="/admin/tickets/{model}/"' in html


@pytest.mark.parametrize("model", LISTS)
def test_the_lists_cost_the_same_however_long(manager, model, django_assert_max_num_queries):
    def add(start: int) -> None:
        for number in range(start, start + 4):
            ticket = make_ticket(email=f"p{number}@example.com", topic=TopicFactory(slug=f"t{number}"))
            ticket.tags.add(Tag.objects.create(name=f"tag{number}"))
            RootCause.objects.create(key=f"r{number}", name="Cause")
            field = CustomField.objects.create(key=f"f{number}")
            field.topics.add(ticket.topic)
            Macro.objects.create(name=f"m{number}").texts.create(language="en", body="Hello")
            Company.objects.create(name=f"Company {number}")
            Rating.objects.create(ticket=ticket, satisfaction=3)

    add(0)
    manager.get(f"/admin/tickets/{model}/")
    with django_assert_max_num_queries(100) as few:
        manager.get(f"/admin/tickets/{model}/")
    add(4)
    with django_assert_max_num_queries(len(few)):
        manager.get(f"/admin/tickets/{model}/")


def test_a_tag_is_kept_in_one_way_of_writing(manager):
    assert manager.post("/admin/tickets/tag/add/", {"name": "#Late  Parcel"}).status_code == 302
    assert Tag.objects.get().name == "late parcel"
    for odd in ("a, b", "#", " "):
        assert manager.post("/admin/tickets/tag/add/", {"name": odd}).status_code == 200
    assert Tag.objects.count() == 1


def test_a_field_with_its_choices_is_written_in_lines(manager):
    data = {"key": "colour", "kind": "choice", "choices": "red\ngreen\n\nred", "position": 0, "is_active": "on"}
    texts = inline(
        "texts",
        {"language": "en", "label": "Colour", "choice_labels": "red = Red\ngreen = Green = lawn"},
        {"language": "sv", "label": "Färg", "choice_labels": "red = Röd"},
    )
    response = manager.post("/admin/tickets/customfield/add/", data | texts)
    assert response.status_code == 302
    field = CustomField.objects.get()
    assert field.choices == ["red", "green"]
    assert (field.choice_label("red", "sv"), field.choice_label("green", "en")) == ("Röd", "Green = lawn")
    html = manager.get(f"/admin/tickets/customfield/{field.pk}/change/").content.decode()
    assert "red\ngreen" in html
    assert "red = Röd" in html


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "choice", "choices": ""}, "needs something to choose from"),
        ({"kind": "choice", "choices": "Röd"}, "cannot be a key"),
        ({"kind": "text", "pattern": "(("}, "not a regular expression"),
    ],
)
def test_a_field_that_could_not_work_is_refused(manager, values, words):
    response = manager.post("/admin/tickets/customfield/add/", {"key": "f", "position": 0} | values | inline("texts"))
    assert words in response.content.decode()
    assert not CustomField.objects.exists()


def test_topics_are_called_by_the_names_that_the_reader_knows(manager):
    TopicFactory(names={"en": "Returns", "sv": "Retur"})
    for address in ("tickets/customfield/add/", "deflection/helpincontext/"):
        html = manager.get(f"/admin/{address}", headers={"Accept-Language": "sv"}, follow=True).content.decode()
        assert ">Retur</option>" in html
        assert ">Returns</option>" not in html


def test_macros_tell_how_often_they_are_used(manager):
    ada = people.ada()
    macro = Macro.objects.create(name="Thanks")
    for days in (1, 40, 100):
        message = lifecycle.send_reply(make_ticket(), agent=ada, body="Thanks!")
        MacroUse.objects.create(
            macro=macro, message=message, user=ada, created_at=timezone.now() - timedelta(days=days)
        )
    html = manager.get("/admin/tickets/macro/").content.decode()
    assert "field-used_30" in html
    row = [part.split(">")[-1] for part in html.split("field-used_")[1:]]
    assert row
    from django.contrib.admin import site
    from django.test import RequestFactory

    from tickets.admin.macros import MacroAdmin

    counted = MacroAdmin(Macro, site).get_queryset(RequestFactory().get("/")).get()
    assert (counted.used_in_30, counted.used_in_90) == (1, 2)


def test_a_macro_with_its_texts(manager):
    data = {"name": "Thanks", "position": 0, "is_active": "on", "then": "", "priority": ""}
    texts = inline("texts", {"language": "en", "body": "Hello {{ customer.name }}"}, {"language": "sv", "body": "Hej"})
    assert manager.post("/admin/tickets/macro/add/", data | texts).status_code == 302
    assert Macro.objects.get().texts.count() == 2


def test_a_company_gets_those_who_write_from_its_domain(manager):
    customer = customer_by_email("a@acme.example")
    response = manager.post("/admin/tickets/company/add/", {"name": "Acme", "domain": "@Acme.example"}, follow=True)
    assert "1 customer writes from its domain" in response.content.decode()
    customer.refresh_from_db()
    assert customer.company == Company.objects.get(domain="acme.example")
    for odd in ("gmail.com", "nonsense", "a@b.example"):
        page = manager.post("/admin/tickets/company/add/", {"name": "Odd", "domain": odd})
        assert page.status_code == 200
    assert Company.objects.count() == 1


def test_nobody_deletes_a_customer_or_writes_a_rating(manager):
    ticket = make_ticket()
    rating = Rating.objects.create(ticket=ticket, satisfaction=5, comment="Kind words")
    assert "Kind words" in manager.get(f"/admin/tickets/rating/{rating.pk}/change/").content.decode()
    for path in (
        f"rating/{rating.pk}/delete/",
        "rating/add/",
        f"customer/{ticket.customer_id}/delete/",
        "customer/add/",
    ):
        assert manager.get(f"/admin/tickets/{path}").status_code == 403
    assert Customer.objects.exists()
