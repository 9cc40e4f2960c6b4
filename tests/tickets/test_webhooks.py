"""Telling other systems, against a real server: each event once, signed, tried again, never into our own network."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from knowledge.services.publishing import withdraw
from tests.factories import make_ticket, publish_article
from tests.people import ada
from tests.tickets.listening import listening
from tickets.errors import DeliveryError, TicketError
from tickets.models import Webhook, WebhookDelivery
from tickets.services import lifecycle, safe_post, webhook_delivery, webhooks
from tickets.services.intake import add_customer_message
from tickets.services.merging import merge
from tickets.services.undo import undo_send

pytestmark = pytest.mark.django_db
Status = WebhookDelivery.Status


@pytest.fixture
def crm(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with listening() as listener:
        yield listener


@pytest.fixture
def hook(crm):
    return Webhook.objects.create(name="CRM", url=crm.url, secret="s3cret")


def later(**time: float):
    return timezone.now() + timedelta(**time)


class TestWhatIsTold:
    def test_a_case_from_beginning_to_end(self, crm, hook, commit):
        agent = ada()
        with commit():
            ticket = make_ticket()
        with commit():
            lifecycle.send_reply(ticket, agent=agent, body="It is on its way.")
        with commit():
            add_customer_message(ticket, body="It has not come.", channel="email")
        with commit():
            lifecycle.solve(ticket, agent=agent, article=None)
        with commit():
            lifecycle.change_status(ticket, "open", agent=agent)
        with commit():
            lifecycle.close_by_customer(ticket)
        told = [name for name in crm.events() if name != "case.updated"]
        assert told == [
            "case.created", "case.replied", "case.customer_wrote", "case.solved", "case.reopened", "case.closed",
        ]  # fmt: skip

    def test_what_stands_in_it(self, crm, hook, commit):
        agent = ada()
        with commit():
            ticket = make_ticket(subject="Where is my parcel?")
        with commit():
            lifecycle.send_reply(ticket, agent=agent, body="It is on its way.")
        headers, body = next(one for one in crm.requests if one[0]["Svar-Event"] == "case.replied")
        told = json.loads(body)
        assert told["id"] == headers["Svar-Delivery"]
        assert told["event"] == "case.replied"
        assert (told["change"]["by"], told["change"]["agent"]) == ("agent", "ada@example.com")
        # The case as it is after all of the change, though the line in the history was written in the middle of it.
        assert told["case"]["status"] == "waiting_customer"
        assert told["case"]["assignee"] == "ada@example.com"
        assert told["case"]["customer"]["email"] == "cleo@example.com"

    def test_of_a_note_only_that_there_is_one(self, crm, hook, commit):
        with commit():
            ticket = make_ticket()
        with commit():
            lifecycle.add_note(ticket, agent=ada(), body="A difficult customer.")
        assert crm.events() == ["case.created", "case.updated"]
        assert json.loads(crm.requests[1][1])["change"]["kind"] == "noted"
        assert b"difficult" not in crm.requests[1][1]

    def test_articles(self, crm, hook, commit):
        with commit():
            text = publish_article("When do I get my refund?")
        with commit():
            withdraw(text)
        assert crm.events() == ["article.published", "article.withdrawn"]
        assert json.loads(crm.requests[0][1])["article"]["title"] == "When do I get my refund?"

    def test_merged_cases_say_where_they_went(self, crm, hook, commit):
        from tickets.services.history import agent

        one, other = make_ticket(), make_ticket()
        with commit():
            merge(one, into=other, by=agent(ada()))
        (told,) = [json.loads(body) for headers, body in crm.requests if headers["Svar-Event"] == "case.merged"]
        assert (told["case"]["reference"], told["case"]["merged_into"]) == (one.reference, other.reference)

    def test_only_the_events_that_a_webhook_listens_to(self, crm, hook, commit):
        Webhook.objects.filter(pk=hook.pk).update(events=["case.solved"])
        with commit():
            ticket = make_ticket()
        with commit():
            lifecycle.solve(ticket, agent=ada(), article=None)
        assert crm.events() == ["case.solved"]

    def test_nothing_of_what_looks_like_spam_until_it_is_cleared(self, crm, hook, commit):
        with commit():
            ticket = make_ticket(is_suspected_spam=True)
        assert crm.events() == []
        with commit():
            lifecycle.clear_of_spam(ticket, agent=ada())
        assert crm.events() == ["case.created"]

    def test_nothing_of_a_change_that_did_not_happen(self, crm, hook, commit):
        with commit(), contextlib.suppress(RuntimeError), transaction.atomic():
            make_ticket()
            raise RuntimeError
        assert not WebhookDelivery.objects.exists()
        assert crm.events() == []

    def test_an_answer_that_can_be_taken_back_is_told_when_it_has_left(self, crm, hook):
        ticket, agent = make_ticket(), ada()
        WebhookDelivery.objects.all().delete()
        kept = lifecycle.send_reply(ticket, agent=agent, body="It is on its way.", hold=timedelta(seconds=10))
        told = WebhookDelivery.objects.filter(event="case.replied").get()
        assert not webhook_delivery.deliver(str(told.pk))
        assert webhook_delivery.deliver(str(told.pk), at=later(seconds=11))
        assert crm.events() == ["case.replied"]
        assert kept.held_until is not None

    def test_an_answer_that_was_taken_back_is_never_told(self, crm, hook):
        ticket, agent = make_ticket(), ada()
        WebhookDelivery.objects.all().delete()
        message = lifecycle.send_reply(ticket, agent=agent, body="Oh no.", hold=timedelta(seconds=10))
        undo_send(message, agent=agent)
        for row in WebhookDelivery.objects.all():
            webhook_delivery.deliver(str(row.pk), at=later(minutes=1))
        assert crm.events() == []
        assert not WebhookDelivery.objects.exists()


class TestDelivery:
    @pytest.fixture
    def row(self, hook):
        return webhooks.ping(hook)

    def test_the_signature_is_of_the_time_and_the_body(self, crm, hook, row):
        assert webhook_delivery.deliver(str(row.pk))
        headers, body = crm.requests[0]
        fields = dict(part.split("=", 1) for part in headers["Svar-Signature"].split(","))
        expected = hmac.new(b"s3cret", f"{fields['t']}.".encode() + body, hashlib.sha256).hexdigest()
        assert fields["v1"] == expected
        assert abs(int(fields["t"]) - timezone.now().timestamp()) < 300
        assert headers["Content-Type"] == "application/json"
        row.refresh_from_db()
        assert (row.status, row.response_status, row.attempts) == (Status.SENT, 204, 1)

    @pytest.mark.parametrize("answer", [500, 503, 404, 400])
    def test_it_is_tried_again_with_the_same_id_and_content(self, crm, hook, row, answer):
        crm.answers = [answer]
        assert not webhook_delivery.deliver(str(row.pk))
        row.refresh_from_db()
        assert (row.status, row.response_status) == (Status.QUEUED, answer)
        assert not webhook_delivery.deliver(str(row.pk)), "it is not due yet"
        assert webhook_delivery.deliver(str(row.pk), at=later(minutes=2))
        (first, body), (second, again) = crm.requests
        assert first["Svar-Delivery"] == second["Svar-Delivery"] == str(row.pk)
        assert body == again
        hook.refresh_from_db()
        assert hook.failing_since is None

    def test_the_case_is_told_as_it_was_at_the_first_attempt(self, crm, hook):
        ticket = make_ticket()
        row = WebhookDelivery.objects.get()
        crm.answers = [500]
        webhook_delivery.deliver(str(row.pk))
        lifecycle.solve(ticket, agent=ada(), article=None)
        webhook_delivery.deliver(str(row.pk), at=later(minutes=2))
        assert crm.requests[0][1] == crm.requests[1][1]

    def test_a_server_that_never_answers_is_left_after_the_time_limit(self, crm, row, monkeypatch):
        monkeypatch.setattr(webhook_delivery, "TIMEOUT_SECONDS", 0.2)
        crm.answers = [0]
        assert not webhook_delivery.deliver(str(row.pk))
        row.refresh_from_db()
        assert row.status == Status.QUEUED
        assert row.last_error

    def test_nobody_there(self, crm, hook, row):
        Webhook.objects.filter(pk=hook.pk).update(url="http://127.0.0.1:9/")
        assert not webhook_delivery.deliver(str(row.pk))
        row.refresh_from_db()
        assert row.status == Status.QUEUED
        assert "no connection" in row.last_error

    def test_redirects_are_not_followed(self, crm, row):
        crm.answers, crm.headers = [302], {"Location": crm.url}
        assert not webhook_delivery.deliver(str(row.pk))
        assert len(crm.requests) == 1

    def test_what_arrived_is_not_sent_again(self, crm, row):
        assert webhook_delivery.deliver(str(row.pk))
        assert not webhook_delivery.deliver(str(row.pk), at=later(days=1))
        webhook_delivery.sweep(at=later(days=1))
        assert len(crm.requests) == 1

    def test_what_a_worker_has_in_its_hands_no_other_takes(self, crm, row):
        WebhookDelivery.objects.update(status=Status.SENDING, claimed_at=timezone.now())
        assert not webhook_delivery.deliver(str(row.pk))
        webhook_delivery.sweep()
        assert crm.requests == []

    def test_what_a_dead_worker_held_is_taken_up(self, crm, row):
        WebhookDelivery.objects.update(status=Status.SENDING, claimed_at=later(minutes=-6))
        assert webhook_delivery.sweep() == 1
        assert crm.events() == ["ping"]

    def test_after_the_last_attempt_it_has_failed_and_can_be_sent_once_more(self, crm, hook, commit):
        crm.answers = [500] * 12
        with commit():
            row = webhooks.ping(hook)
        for _ in range(11):
            WebhookDelivery.objects.update(next_attempt_at=timezone.now())
            webhook_delivery.deliver(str(row.pk))
        row.refresh_from_db()
        assert (row.status, row.attempts) == (Status.FAILED, 12)
        with commit():
            assert webhook_delivery.retry(row)
        assert len(crm.requests) == 13
        assert len({headers["Svar-Delivery"] for headers, _body in crm.requests}) == 1
        assert not webhook_delivery.retry(row)

    def test_a_webhook_is_stopped_when_nothing_has_arrived_for_days_and_can_be_restarted(self, crm, hook, row):
        crm.answers = [500, 500]
        webhook_delivery.deliver(str(row.pk))
        hook.refresh_from_db()
        assert hook.is_active
        webhook_delivery.deliver(str(row.pk), at=later(days=6))
        hook.refresh_from_db()
        assert not hook.is_active
        assert hook.stopped_at is not None
        assert webhook_delivery.sweep(at=later(days=7)) == 0
        webhook_delivery.restart(hook)
        assert webhook_delivery.sweep(at=later(days=7)) == 1

    def test_a_webhook_that_says_gone_is_stopped_at_once(self, crm, hook, row):
        crm.answers = [410]
        webhook_delivery.deliver(str(row.pk))
        hook.refresh_from_db()
        row.refresh_from_db()
        assert (hook.is_active, row.status) == (False, Status.FAILED)

    def test_one_dead_webhook_does_not_take_the_others_time(self, crm, hook):
        dead = Webhook.objects.create(name="Old CRM", url=crm.url, secret="x", failing_since=timezone.now())
        for _ in range(10):
            webhooks.ping(dead)
        webhooks.ping(hook)
        assert webhook_delivery.sweep(at=later(seconds=1)) == 4

    def test_what_is_old_is_forgotten(self, crm, row):
        webhook_delivery.deliver(str(row.pk))
        webhook_delivery.sweep(at=later(days=31))
        assert not WebhookDelivery.objects.exists()


class TestOurOwnNetwork:
    @pytest.fixture(autouse=True)
    def _closed(self, settings):
        settings.WEBHOOK_ALLOW_PRIVATE = False

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.com/hook",
            "ftp://example.com/",
            "https://127.0.0.1/",
            "https://10.0.0.8/hook",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://224.0.0.1/",
            "https://[::1]/",
            "https://[fe80::1]/",
            "https://[fd00::1]/",
            "https://[::ffff:10.0.0.8]/",
            "https://[64:ff9b::a00:8]/",
            "https://[2002:a00:8::]/",
            "https://[::127.0.0.1]/",
            "https://[fec0::1]/",
            "https://[64:ff9b:1::a00:8]/",
            "https://[::ffff:0:10.0.0.8]/",
            "https://user:secret@example.com/",
            "https:///hook",
        ],
    )
    def test_such_an_address_cannot_be_kept(self, url):
        with pytest.raises(TicketError):
            safe_post.check_address(url)

    @pytest.mark.parametrize("url", ["https://[::1", "https://crm.example.com:99999/", "https://crm.example.com:abc/"])
    def test_what_is_no_address_is_refused_and_fails_for_good(self, url):
        with pytest.raises(TicketError):
            safe_post.check_address(url)
        with pytest.raises(DeliveryError) as caught:
            safe_post.post(url, b"", {}, timeout=1)
        assert caught.value.is_permanent

    @pytest.mark.parametrize(
        "url", ["https://crm.example.com/hook", "https://93.184.216.34:8443/hook?x=1", "https://[2606:2800:220:1::1]/"]
    )
    def test_such_an_address_can(self, url):
        safe_post.check_address(url)

    @pytest.mark.parametrize("name", ["localhost", "crm.example.com"])
    def test_a_name_that_leads_inside_is_not_posted_to(self, monkeypatch, name):
        """What a name leads to is looked at when something is sent, and the connection goes to what was looked at."""
        monkeypatch.setattr(safe_post.socket, "getaddrinfo", lambda *args, **kwargs: [(2, 1, 6, "", ("10.0.0.8", 443))])
        monkeypatch.setattr(safe_post.socket, "create_connection", lambda *args, **kwargs: pytest.fail("connected"))
        with pytest.raises(DeliveryError, match="private") as caught:
            safe_post.post(f"https://{name}/", b"", {}, timeout=1)
        assert caught.value.is_permanent

    def test_nor_one_of_whose_addresses_a_single_one_leads_inside(self, monkeypatch):
        found = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("127.0.0.1", 443))]
        monkeypatch.setattr(safe_post.socket, "getaddrinfo", lambda *args, **kwargs: found)
        with pytest.raises(DeliveryError, match="private"):
            safe_post.post("https://crm.example.com/", b"", {}, timeout=1)


class TestTheSampleInTheDocs:
    """What receivers copy from docs/api.md to check where a message comes from."""

    @pytest.fixture
    def is_from_svar(self, settings):
        text = (settings.BASE_DIR / "docs" / "api.md").read_text()
        names: dict = {}
        exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], names)  # noqa: S102 (our own docs)
        return names["is_from_svar"]

    def test_it_knows_ours(self, is_from_svar):
        assert is_from_svar(webhook_delivery.signature("s", b"{}", timezone.now()), b"{}", "s")

    def test_it_refuses_another_body_another_secret_and_what_is_old(self, is_from_svar):
        header = webhook_delivery.signature("s", b"{}", timezone.now())
        assert not is_from_svar(header, b"{} ", "s")
        assert not is_from_svar(header, b"{}", "t")
        assert not is_from_svar(webhook_delivery.signature("s", b"{}", later(minutes=-6)), b"{}", "s")
        assert not is_from_svar("", b"{}", "s")
