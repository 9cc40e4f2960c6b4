"""Customers log in with a code that goes to an address of theirs, and get no further than their own cases."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.utils import timezone

from helpcenter.accounts.models import User
from helpcenter.accounts.unused import purge_unused_accounts
from knowledge.models import Organisation
from tests.factories import make_ticket
from tests.people import ada
from tickets.models import Identity

pytestmark = pytest.mark.django_db
ASK = "/accounts/login/code/"
CONFIRM = "/accounts/login/code/confirm/"


def code_in(letter: str) -> str:
    found = re.search(r"^\s*([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})?)\s*$", letter, re.MULTILINE)
    assert found is not None, letter
    return found[1]


def log_in(client, email: str = "cleo@example.com", **query: str):
    client.post(ASK, {"email": email, **query})
    return client.post(CONFIRM, {"code": code_in(mail.outbox[-1].body), **query})


def test_a_customer_logs_in_with_a_code_and_sees_their_cases(client):
    ticket = make_ticket()
    make_ticket(email="sam@example.com", subject="NOT-HERS")
    assert log_in(client, next="/sv/cases/").url == "/sv/cases/"
    assert mail.outbox[-1].to == ["cleo@example.com"]
    page = client.get("/en/cases/").content.decode()
    assert ticket.reference in page
    assert "NOT-HERS" not in page
    assert Identity.objects.get(value="cleo@example.com").is_verified
    assert not Identity.objects.get(value="sam@example.com").is_verified


def test_without_a_page_to_go_back_to_they_land_at_their_cases(client):
    make_ticket()
    assert client.get(log_in(client).url).url == "/en/cases/"


def test_the_account_has_no_role_no_password_and_is_made_once(client):
    make_ticket()
    log_in(client)
    client.logout()
    log_in(client, email="CLEO@example.com")
    person = User.objects.get(email="cleo@example.com")
    assert not person.has_usable_password()
    assert (person.is_staff, person.is_superuser, person.groups.count()) == (False, False, 0)


def test_asking_alone_confirms_nothing(client):
    ticket = make_ticket()
    client.post(ASK, {"email": "cleo@example.com"})
    client.post(CONFIRM, {"code": "WRONG1"})
    assert not Identity.objects.get(value="cleo@example.com").is_verified
    assert client.get(f"/en/cases/{ticket.reference}/").status_code == 404


def test_known_and_unknown_addresses_look_alike_to_whoever_asks(client):
    make_ticket()
    pages = []
    for email in ("cleo@example.com", "nobody@example.com"):
        asked = client.post(ASK, {"email": email})
        shown = client.get(CONFIRM).content.decode().replace(email, "ADDRESS")
        pages.append((asked.status_code, asked.url, re.sub(r'value="[A-Za-z0-9]{64}"', "", shown)))
        client.logout()
    assert pages[0] == pages[1]
    assert not User.objects.filter(email="nobody@example.com").exists()


def test_an_account_that_is_switched_off_stays_off(client):
    make_ticket()
    User.objects.create_user("cleo@example.com", is_active=False)
    client.post(ASK, {"email": "cleo@example.com"})
    assert not [letter for letter in mail.outbox if re.search(r"^\s*[A-Z0-9]{6}\s*$", letter.body, re.MULTILINE)]
    assert User.objects.count() == 1


def test_an_agent_who_is_a_customer_too_keeps_their_role(client):
    agent = ada()
    make_ticket(email=agent.email)
    log_in(client, email=agent.email)
    assert client.get("/desk/").status_code == 200
    assert User.objects.filter(email=agent.email).count() == 1


@pytest.mark.parametrize("path", ["/desk/", "/reports/", "/admin/", "/desk/{}/", "/desk/customers/", "/desk/mail/"])
def test_a_customer_gets_to_nothing_of_ours(client, path):
    ticket = make_ticket()
    log_in(client)
    response = client.get(path.format(ticket.reference), follow=True)
    assert response.status_code in (403, 404)
    assert "My parcel has not come" not in response.content.decode()


def test_logging_out_closes_the_door(client):
    ticket = make_ticket()
    log_in(client)
    assert client.get(f"/en/cases/{ticket.reference}/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get(f"/en/cases/{ticket.reference}/").status_code == 404


def test_the_code_comes_from_us_by_name_and_says_that_a_machine_wrote_it(client):
    make_ticket(email="cleo@example.com")
    client.post(ASK, {"email": "cleo@example.com"})

    letter = mail.outbox[-1]

    assert letter.to == ["cleo@example.com"]
    assert letter.from_email.startswith(f"{Organisation.current().name} <")
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(("language", "said"), [("en", "You are logged in as"), ("da", "Du er logget ind som")])
def test_they_are_told_in_our_own_words_that_they_are_in(client, settings, language, said):
    make_ticket(email="cleo@example.com")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    entered = log_in(client, next=f"/{language}/cases/")

    page = client.get(entered.url).content.decode()
    assert page.count(f"{said} cleo@example.com.") == 2


class TestUnusedAccounts:
    """Asking for a code makes an account; one whose code nobody enters does not stay."""

    @staticmethod
    def _purge_in_two_days() -> int:
        return purge_unused_accounts(at=timezone.now() + timedelta(days=2))

    def test_one_whose_code_nobody_entered_goes_after_a_day(self, client):
        make_ticket()
        client.post(ASK, {"email": "cleo@example.com"})
        assert purge_unused_accounts() == 0
        assert self._purge_in_two_days() == 1
        assert not User.objects.filter(email="cleo@example.com").exists()
        client = Client()
        log_in(client)
        assert client.get("/en/cases/").status_code == 200

    def test_one_who_has_just_asked_again_is_not_purged_before_the_code_is_entered(self, client):
        make_ticket()
        User.objects.create_user("cleo@example.com", date_joined=timezone.now() - timedelta(days=9))
        client.post(ASK, {"email": "cleo@example.com"})
        assert purge_unused_accounts() == 0
        client.post(CONFIRM, {"code": code_in(mail.outbox[-1].body)})
        assert client.get("/en/cases/").status_code == 200

    def test_one_that_was_used_stays(self, client):
        make_ticket()
        log_in(client)
        User.objects.update(last_login=None)
        assert self._purge_in_two_days() == 0

    @pytest.mark.parametrize(
        "own", [{"name": "Nils"}, {"is_staff": True}, {"last_login": timezone.now()}, {"is_active": False}]
    )
    def test_what_is_anybodys_own_stays(self, own):
        User.objects.create_user("new@example.com", **own)
        assert self._purge_in_two_days() == 0

    def test_a_colleague_who_has_a_role_and_has_not_come_yet_stays(self):
        User.objects.create_user("new@example.com").groups.add(Group.objects.first())
        User.objects.create_user("other@example.com", password="a-long-secret-word")
        assert self._purge_in_two_days() == 0
