"""Tokens and webhooks in the admin: for administrators alone, secrets shown where they must be and nowhere else."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from tests.factories import UserFactory
from tests.people import ada, max_
from tests.tickets.listening import listening
from tests.tickets.tokens import CASES, Caller
from tickets.models import ApiToken, Webhook, WebhookDelivery
from tickets.services import webhooks

pytestmark = pytest.mark.django_db

TOKENS = "/admin/tickets/apitoken/"
HOOKS = "/admin/tickets/webhook/"
DELIVERIES = "/admin/tickets/webhookdelivery/"


@pytest.fixture
def administrator(client):
    client.force_login(UserFactory(email="root@example.com", name="Rut", roles=["administrator"], is_staff=True))
    return client


@pytest.fixture
def hook():
    return Webhook.objects.create(name="CRM", url="https://crm.example.com/hook", secret="s3cret")


@pytest.mark.parametrize("person", [ada, max_])
def test_nobody_else_makes_keys_or_sends_data_away(client, person, hook):
    client.force_login(person())
    for url in (TOKENS, f"{TOKENS}add/", HOOKS, f"{HOOKS}add/", f"{HOOKS}{hook.pk}/change/", DELIVERIES):
        assert client.get(url).status_code == 403
    for name in ("ping", "secret", "use-again"):
        assert client.post(f"{HOOKS}{hook.pk}/{name}/").status_code == 403
    assert not WebhookDelivery.objects.exists()


class TestTokens:
    def _make(self, administrator, **fields):
        role = Group.objects.get(name="agent")
        return administrator.post(f"{TOKENS}add/", {"name": "CRM", "role": role.pk, "user": ada().pk} | fields)

    def test_a_token_is_shown_once_and_works(self, administrator):
        page = self._make(administrator)
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
        text = page.context["token"]
        assert text in page.content.decode()
        assert Caller(text).get(CASES).status_code == 200
        row = ApiToken.objects.get()
        for url in (TOKENS, f"{TOKENS}{row.pk}/change/"):
            html = administrator.get(url).content.decode()
            assert text not in html
            assert row.prefix in html

    def test_taken_out_of_use_it_opens_nothing(self, administrator):
        text = self._make(administrator).context["token"]
        row = ApiToken.objects.get()
        assert administrator.post(f"{TOKENS}{row.pk}/change/", {"name": "CRM"}).status_code == 302
        assert Caller(text).get(CASES).status_code == 401

    def test_what_it_may_do_is_never_changed(self, administrator):
        self._make(administrator)
        row = ApiToken.objects.get()
        change = {"name": "CRM", "is_active": "on", "role": Group.objects.get(name="manager").pk}
        administrator.post(f"{TOKENS}{row.pk}/change/", change)
        row.refresh_from_db()
        assert row.role.name == "agent"

    def test_it_acts_as_somebody_who_works_with_cases(self, administrator):
        page = self._make(administrator, user=UserFactory().pk)
        assert page.status_code == 200
        assert not ApiToken.objects.exists()


class TestWebhooks:
    def test_a_webhook_gets_a_secret_of_its_own(self, administrator):
        body = {"name": "CRM", "url": "https://crm.example.com/hook", "events": ["case.solved"], "is_active": "on"}
        assert administrator.post(f"{HOOKS}add/", body).status_code == 302
        made = Webhook.objects.get()
        assert made.events == ["case.solved"]
        assert len(made.secret) > 30
        assert made.secret in administrator.get(f"{HOOKS}{made.pk}/change/").content.decode()

    @pytest.mark.parametrize("url", ["https://10.0.0.8/", "http://crm.example.com/", "https://u:p@crm.example.com/"])
    def test_no_address_to_which_nothing_would_be_sent(self, administrator, settings, url):
        settings.WEBHOOK_ALLOW_PRIVATE = False
        page = administrator.post(f"{HOOKS}add/", {"name": "CRM", "url": url, "is_active": "on"})
        assert page.status_code == 200
        assert not Webhook.objects.exists()

    def test_a_ping_shows_whether_anything_arrives(self, administrator, settings, commit):
        settings.WEBHOOK_ALLOW_PRIVATE = True
        with listening() as crm:
            hook = Webhook.objects.create(name="CRM", url=crm.url, secret="s", events=["case.solved"])
            with commit():
                assert administrator.post(f"{HOOKS}{hook.pk}/ping/").status_code == 302
            assert crm.events() == ["ping"]
        html = administrator.get(f"{HOOKS}{hook.pk}/change/").content.decode()
        assert "Sent · 204" in html

    def test_a_new_secret(self, administrator, hook):
        administrator.post(f"{HOOKS}{hook.pk}/secret/")
        hook.refresh_from_db()
        assert hook.secret != "s3cret"

    def test_one_that_was_stopped_says_so_and_can_be_used_again(self, administrator, hook):
        from django.utils import timezone

        Webhook.objects.update(is_active=False, stopped_at=timezone.now(), failing_since=timezone.now())
        assert "Stopped: nothing" in administrator.get(HOOKS).content.decode()
        assert "Use it again" in administrator.get(f"{HOOKS}{hook.pk}/change/").content.decode()
        administrator.post(f"{HOOKS}{hook.pk}/use-again/")
        hook.refresh_from_db()
        assert (hook.is_active, hook.stopped_at, hook.failing_since) == (True, None, None)

    @pytest.mark.parametrize("name", ["ping", "secret", "use-again"])
    def test_nothing_is_done_by_looking(self, administrator, hook, name):
        assert administrator.get(f"{HOOKS}{hook.pk}/{name}/").status_code == 405
        assert administrator.post(f"{HOOKS}999/{name}/").status_code == 404

    def test_failed_deliveries_are_sent_again(self, administrator, hook):
        row = webhooks.ping(hook)
        WebhookDelivery.objects.update(status="failed", attempts=12)
        body = {"action": "send_again", "_selected_action": [str(row.pk)]}
        administrator.post(DELIVERIES, body)
        row.refresh_from_db()
        assert (row.status, row.attempts) == ("queued", 0)
        assert administrator.get(f"{DELIVERIES}{row.pk}/change/").status_code == 200
