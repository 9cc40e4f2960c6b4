"""Handing out all that is kept of a person, and erasing it: nothing of theirs is left, and all still counts."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import models
from django.utils import timezone

from deflection.models import Journey, Rejection
from deflection.services import callers, demand, drafts, joining, journeys, personal_data, spoken
from deflection.services.callers import Call
from deflection.services.learning import origin_of
from helpcenter.accounts.models import User
from knowledge.models import ContentGap, Feedback, SearchEvent
from knowledge.search.maintenance import rebuild, sweep
from knowledge.search.query import search_articles
from knowledge.services.phrasings import learn_phrasing
from tests.factories import make_ticket, publish_article
from tests.people import ada, cleo, max_, sam
from tests.tickets.calling import booked
from tickets.models import (
    Callback,
    Customer,
    Identity,
    InboundMail,
    MailContent,
    Message,
    OutboxMessage,
    Rating,
    Ticket,
)
from tickets.search import upkeep
from tickets.search.searching import find_cases
from tickets.services import history, lifecycle, ratings
from tickets.services.callback_links import callback_path
from tickets.services.customers import change_customer, customer_by_email
from tickets.services.intake import VisitContext, add_customer_message
from tickets.services.links import case_path
from tickets.services.participants import add_participant

pytestmark = pytest.mark.django_db
SECRET = "Zwingliplatz"
"""A word that stands in all that she wrote."""
ADDRESS, NUMBER = "cleo@example.com", "+46701234567"


@pytest.fixture
def hers() -> Customer:
    """A customer with something of every kind."""
    agent = ada()
    article = publish_article("Refunds").article
    journey = journeys.begin(language="en")
    SearchEvent.objects.create(
        text=f"{SECRET} parcel", normalised=f"{SECRET.lower()} parcel", language="en", result_count=0,
        origin=str(journey.pk),
    )  # fmt: skip
    Feedback.objects.create(
        translation=article.translations.get(), is_helpful=False, comment=f"{SECRET}!", origin=str(journey.pk)
    )
    drafts.save(journey, {"message": f"{SECRET} draft", "email": ADDRESS})
    spoken.give(journey)
    ticket = make_ticket(
        subject=f"{SECRET} subject",
        body=f"My parcel to {SECRET} has not come, says {ADDRESS}, and nobody told me.",
        visit=VisitContext(origin=str(journey.pk)),
        attachments=[SimpleUploadedFile("letter.txt", f"{SECRET} in a file".encode())],
    )
    lifecycle.add_note(ticket, agent=agent, body=f"She lives at {SECRET}.")
    lifecycle.send_reply(ticket, agent=agent, body=f"Dear Cleo, to {SECRET} it takes a day.")
    demand.find_gaps()
    learn_phrasing(article, "en", f"parcel for {SECRET} late again", origin=origin_of(ticket), asked_at=timezone.now())
    Rejection.objects.create(
        article=article, origin=str(journey.pk), language="en", text=f"{SECRET} again", source="dismissed"
    )
    lifecycle.solve(ticket, agent=agent, article=article, body=f"Solved for {SECRET}.")
    ratings.rate(ticket, satisfaction=5, effort=6, comment=f"{SECRET}, thank you")
    call_back = Callback.objects.create(
        ticket=ticket, number=NUMBER, name="Cleo Lind", language="en", state="done",
        promised_at=timezone.now(), due_at=timezone.now(),
    )  # fmt: skip
    call_back.log.create(agent=agent, outcome="busy", note=f"{SECRET}, later")
    InboundMail.objects.create(
        digest="d1", raw=f"From: {ADDRESS}\n\n{SECRET}".encode(), sender=ADDRESS, subject=SECRET, preview=SECRET,
        rfc_id=f"<1.{ADDRESS}>", ticket=ticket,
    )  # fmt: skip
    callers.log(Call(about=f"{SECRET} on the phone", language="en", key="k", email=ADDRESS, number=NUMBER), agent=agent)
    other = make_ticket(email="sam@example.com", name="Sam", body="The shoes are too small for my feet.")
    customer = customer_by_email(ADDRESS)
    add_participant(other, ADDRESS, by=history.agent(agent))
    add_customer_message(other, body=f"And I, at {SECRET}, agree.", channel="email", customer=customer)
    lifecycle.add_note(other, agent=agent, body=f"Ask {ADDRESS} too.")
    change_customer(customer, {"notes": f"Lives at {SECRET}", "region": SECRET}, by=agent)
    cleo()
    return customer


def everything() -> dict[str, str]:
    """Every text that the database holds, by where it stands."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        fields = [
            one for one in model._meta.concrete_fields
            if isinstance(one, models.CharField | models.TextField | models.JSONField | models.BinaryField)
        ]  # fmt: skip
        manager = getattr(model, "with_removed", model._base_manager)
        for row in manager.all():
            for field in fields:
                value = getattr(row, field.name)
                text = bytes(value).decode(errors="replace") if isinstance(field, models.BinaryField) else str(value)
                found[f"{model._meta.label}.{field.name}#{row.pk}"] = text
    return found


def files() -> list[str]:
    storage = storages["attachments"]
    names, folders = [], [""]
    while folders:
        folder = folders.pop()
        inside, here = storage.listdir(folder)
        folders += [f"{folder}/{one}".lstrip("/") for one in inside]
        names += [f"{folder}/{one}".lstrip("/") for one in here]
    return [storage.open(name).read().decode(errors="replace") for name in names]


def where(text: str) -> list[str]:
    return [place for place, value in everything().items() if text.lower() in value.lower()]


def test_after_erasing_nothing_of_theirs_is_left_anywhere(hers, commit):
    manager = max_()
    upkeep.rebuild()
    rebuild()
    assert search_articles(SECRET.lower(), "en").total == 1
    assert len(where(SECRET)) > 12
    assert any(SECRET in one for one in files())
    assert find_cases(manager, SECRET.lower())
    with commit():
        personal_data.erase(hers, by=manager)
    assert where(SECRET) == []
    assert where(ADDRESS) == []
    assert where(NUMBER) == []
    assert where("Cleo") == []
    assert not any(SECRET in one for one in files())
    assert not list(find_cases(manager, SECRET.lower()))
    sweep()
    assert search_articles(SECRET.lower(), "en").total == 0
    assert not Identity.objects.filter(customer=hers).exists()
    assert not User.objects.filter(email=ADDRESS).exists()


def test_what_counts_stays(hers):
    before = (Ticket.objects.count(), Message.objects.count(), Journey.objects.count(), Rating.objects.count())
    names = ("status", "channel", "created_at", "solved_at", "answered_by", "resolution")
    facts = list(Ticket.objects.order_by("pk").values_list(*names))
    personal_data.erase(hers, by=max_())
    after = (Ticket.objects.count(), Message.objects.count(), Journey.objects.count(), Rating.objects.count())
    assert after == before
    assert list(Ticket.objects.order_by("pk").values_list(*names)) == facts
    assert Rating.objects.get().satisfaction == 5


def test_others_keep_what_is_theirs(hers):
    personal_data.erase(hers, by=max_())
    theirs = Ticket.objects.get(customer__name="Sam")
    assert "shoes" in theirs.messages.first().body
    assert theirs.customer.email == "sam@example.com"


def test_whose_address_ends_like_theirs_stays_whole(hers):
    bo = make_ticket(email="bo@example.com", name="Bo").customer
    jacobo = make_ticket(
        email="jacobo@example.com", name="Jacobo", body="Write to jacobo@example.com, not bo@example.com."
    )
    raw = b"From: jacobo@example.com\nCc: <bo@example.com>\n\nhref=3Dbo@example.com"
    message = jacobo.messages.get()
    MailContent.objects.create(message=message, sender="jacobo@example.com", cc=["bo@example.com"])
    InboundMail.objects.create(digest="d2", raw=raw, sender="jacobo@example.com", ticket=jacobo, message=message)
    personal_data.erase(bo, by=max_())
    assert jacobo.customer.identities.get().value == "jacobo@example.com"
    assert jacobo.messages.get().body == "Write to jacobo@example.com, not […]."
    assert jacobo.outbox.get().recipient == "jacobo@example.com"
    assert bytes(InboundMail.objects.get(digest="d2").raw).decode() == (
        "From: jacobo@example.com\nCc: <[…]>\n\nhref=3D[…]"
    )


def test_a_number_that_somebody_else_has_too_stays_with_them(hers):
    """One telephone in a house: who waits for a call there is still called."""
    other = booked(number=NUMBER, email="sam@example.com")
    sams = customer_by_email("sam@example.com")
    Identity.objects.create(customer=sams, kind="whatsapp", value=NUMBER)
    personal_data.erase(hers, by=max_())
    other.refresh_from_db()
    assert (other.number, other.is_booked) == (NUMBER, True)
    assert sams.identities.filter(value=NUMBER).exists()


def test_nobody_is_called_any_more_and_a_number_given_for_it_goes_everywhere(client):
    callback = booked(number="+46701740699", slot=None, now=timezone.now())
    path = callback_path(callback)
    note = lifecycle.add_note(make_ticket(email="sam@example.com"), agent=ada(), body="Or +46701740699.")
    personal_data.erase(callback.ticket.customer, by=max_())
    note.refresh_from_db()
    assert note.body == "Or […]."
    assert not Callback.objects.promised().exists()
    assert client.get(path).status_code == 404


def test_it_can_be_repeated_and_gathers_nothing_again(hers):
    for _ in range(2):
        personal_data.erase(hers, by=max_() if not User.objects.filter(email="max@example.com") else None)
    demand.find_gaps()
    assert where(SECRET) == []
    assert not ContentGap.objects.filter(title__contains="[").exists()


def test_who_did_it_is_written_down(hers):
    manager = max_()
    personal_data.export(hers, by=manager, with_notes=True).close()
    personal_data.erase(hers, by=manager)
    lines = LogEntry.objects.filter(user=manager, object_id=str(hers.pk)).order_by("pk")
    assert lines.last().get_change_message() == "personal data erased"


def test_links_to_their_cases_stop_and_nothing_waiting_leaves(client, hers):
    ticket = Ticket.objects.filter(customer=hers).first()
    path = case_path(ticket)
    personal_data.erase(hers, by=max_())
    assert client.get(path).status_code == 404
    assert not OutboxMessage.objects.filter(ticket__customer=hers).exists()


def test_the_archive_holds_everything_and_their_files(hers):
    with personal_data.export(hers, by=max_(), with_notes=True) as content:
        archive = zipfile.ZipFile(io.BytesIO(content.read()))
    data = json.loads(archive.read("data.json"))
    whole = json.dumps(data)
    assert [one["value"] for one in data["addresses"]] == [ADDRESS, NUMBER]
    assert [call["outcome"] for case in data["cases"] for one in case["call_backs"] for call in one["calls"]] == [
        "busy"
    ]
    for words in ("subject", "draft", "on the phone", "She lives at", "agree", "parcel", "thank you"):
        assert words in whole, words
    assert "shoes" not in whole
    assert any(SECRET.encode() in archive.read(name) for name in archive.namelist() if name.startswith("files/"))
    assert all(".." not in name and not name.startswith("/") for name in archive.namelist())


def test_the_archive_has_every_step_however_many_there_were():
    journey = journeys.begin(language="en", customer=customer_by_email(ADDRESS))
    for number in range(40):
        journeys.note(journey, "channel_chosen", channel="phone", number=number)
    with personal_data.export(journey.customer, by=max_(), with_notes=False) as content:
        data = json.loads(zipfile.ZipFile(io.BytesIO(content.read())).read("data.json"))
    assert [len(visit["steps"]) for visit in data["visits"]] == [40]


def test_a_customer_gets_their_own_without_the_notes_of_agents(client, hers):
    client.force_login(User.objects.get(email=ADDRESS))
    assert "Download my data" in client.get("/en/cases/").content.decode()
    response = client.post("/en/my-data/")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    text = archive.read("data.json").decode()
    assert "on the phone" in text
    assert "She lives at" not in text
    assert f"{SECRET}, later" not in text
    assert "Lives at" not in text
    assert "no-store" in response["Cache-Control"]


def test_strangers_get_nothing(client, hers):
    assert client.post("/en/my-data/").status_code == 404
    client.force_login(sam())
    assert client.post("/en/my-data/").status_code == 404
    assert client.get("/en/my-data/").status_code == 405


@pytest.mark.parametrize("place", ["", "archive/", "erase/"])
def test_at_the_desk_it_is_for_managers_alone(client, place):
    ticket = make_ticket()
    url = f"/desk/customers/{ticket.customer_id}/data/{place}"
    act = client.post if place else client.get
    assert act(url).url.startswith("/accounts/login/")
    client.force_login(ada())
    assert act(url).status_code == 403
    assert "Hand out or erase" not in client.get(f"/desk/customers/{ticket.customer_id}/").content.decode()
    client.force_login(max_())
    assert act(url).status_code in (200, 422)
    assert act(url.replace(str(ticket.customer_id), "999999")).status_code == 404
    assert "Hand out or erase" in client.get(f"/desk/customers/{ticket.customer_id}/").content.decode()


def test_erasing_asks_for_the_name(client):
    ticket = make_ticket()
    client.force_login(max_())
    url = f"/desk/customers/{ticket.customer_id}/data/erase/"
    refused = client.post(url, {"name": "cleo"})
    assert refused.status_code == 422
    assert "Cleo Lind" in refused.content.decode()
    assert Customer.objects.get(pk=ticket.customer_id).name == "Cleo Lind"
    assert client.post(url, {"name": " Cleo Lind "}).url == f"/desk/customers/{ticket.customer_id}/"
    assert Customer.objects.get(pk=ticket.customer_id).name == ""
    assert client.get(f"/desk/customers/{ticket.customer_id}/").status_code == 200
    assert client.get(f"/desk/{ticket.reference}/").status_code == 200


def test_an_address_of_ours_is_not_taken_out_of_everything():
    agent = ada()
    ticket = make_ticket(email=agent.email)
    other = make_ticket(email="sam@example.com")
    lifecycle.add_note(other, agent=agent, body=f"Ask {agent.email}.")
    personal_data.erase(ticket.customer, by=max_())
    assert User.objects.filter(pk=agent.pk).exists()
    assert other.messages.filter(body__contains=agent.email).exists()


def test_journeys_of_others_in_the_same_browser_are_nobodys_business(hers):
    journey = journeys.begin(language="en", customer=customer_by_email("sam@example.com"))
    Journey.objects.filter(pk=journey.pk).update(
        continues=Journey.objects.filter(customer=hers).first(), started_at=timezone.now() - timedelta(minutes=1)
    )
    assert journey.pk not in {one.pk for one in personal_data.journeys_of(hers)}
    assert joining.whole(journeys.find(str(journey.pk)))[0].pk == journey.pk


def test_the_command_does_both(tmp_path, hers):
    manager = max_()
    target = tmp_path / "data.zip"
    call_command("personal_data", "export", ADDRESS, to=target, by=manager.email)
    assert "data.json" in zipfile.ZipFile(target).namelist()
    with pytest.raises(CommandError):
        call_command("personal_data", "erase", "nobody@example.com", by=manager.email, yes=True)
    with pytest.raises(CommandError):
        call_command("personal_data", "erase", ADDRESS, by="nobody@example.com", yes=True)
    call_command("personal_data", "erase", f"#{hers.pk}", by=manager.email, yes=True)
    assert where(SECRET) == []
