"""Logging in, and who may open what; mostly from the wrong person's side."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.utils import timezone

from deflection.models import HelpInContext, HoldoutRound, MatchingSettings, Rejection
from helpcenter.accounts.models import User
from helpcenter.accounts.roles import ROLE_PERMISSIONS, sync_roles
from knowledge.models import ContentGap, Feedback, Organisation, SearchEvent, SearchTuning, Synonym
from tests.factories import TopicFactory, UserFactory, make_ticket, publish_article
from tests.people import ada, ed, max_, sam
from tickets.models import (
    AgentAvailability,
    ApiToken,
    Calendar,
    Callback,
    Channel,
    ChannelKind,
    ChannelPolicy,
    Company,
    CustomField,
    FetchPosition,
    InboundMail,
    Macro,
    Mailbox,
    OutboxMessage,
    Rating,
    RootCause,
    Tag,
    Team,
    Ticket,
    Webhook,
    WebhookDelivery,
)

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
PASSWORD = "a long and quiet pass-phrase"


def root() -> User:
    """An administrator by role, not a superuser."""
    return UserFactory(email="root@example.com", name="Rut Rask", roles=["administrator"], is_staff=True)


@pytest.fixture
def agent():
    user = ada()
    user.set_password(PASSWORD)
    user.save()
    return user


# --- Logging in ---------------------------------------------------------------------------------------


def test_login_with_a_password_in_any_case_of_the_address(client, agent):
    response = client.post(LOGIN, {"login": "ADA@Example.com", "password": PASSWORD})
    assert response.status_code == 302
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("login", "password"),
    [("ada@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("ada@example.com", ""), ("' OR 1=1 --", "x")],
)
def test_a_wrong_login_says_the_same_whoever_it_is(client, agent, login, password):
    assert client.post(LOGIN, {"login": login, "password": password}).status_code == 200
    assert "_auth_user_id" not in client.session


def test_somebody_inactive_does_not_get_in_and_is_thrown_out(client, agent):
    client.post(LOGIN, {"login": agent.email, "password": PASSWORD})
    User.objects.update(is_active=False)
    assert client.get("/admin/").status_code == 302
    client.logout()
    client.post(LOGIN, {"login": agent.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def _ask_for_code(client, email: str) -> str:
    client.post("/accounts/login/code/", {"email": email})
    return mail.outbox[-1].body if mail.outbox else ""


def test_login_with_an_emailed_code(client, agent):
    letter = _ask_for_code(client, agent.email)
    code = re.search(r"^\s*([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})?)\s*$", letter, re.MULTILINE)
    assert code is not None, letter
    assert mail.outbox[-1].to == [agent.email]
    client.post("/accounts/login/code/confirm/", {"code": code[1]})
    assert client.get("/admin/").status_code == 200


def test_a_wrong_code_opens_nothing_and_runs_out(client, agent):
    _ask_for_code(client, agent.email)
    for _attempt in range(6):
        client.post("/accounts/login/code/confirm/", {"code": "WRONG1"})
    assert "_auth_user_id" not in client.session


def test_a_stranger_who_asks_for_a_code_learns_nothing(client, agent):
    known = client.post("/accounts/login/code/", {"email": agent.email})
    client.logout()
    unknown = client.post("/accounts/login/code/", {"email": "nobody@example.com"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up(client):
    client.post("/accounts/signup/", {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.filter(email="new@example.com").exists()


def test_the_admin_has_the_same_door_as_everything_else(client):
    response = client.get("/admin/knowledge/article/", follow=True)
    assert response.redirect_chain[-1][0] == f"{LOGIN}?next=%2Fadmin%2Fknowledge%2Farticle%2F"
    assert client.post("/admin/login/", {"username": "ada@example.com", "password": PASSWORD}).status_code == 302
    assert "_auth_user_id" not in client.session


def test_login_leads_back_to_the_page_that_asked_and_nowhere_else(client, agent):
    data = {"login": agent.email, "password": PASSWORD}
    assert client.post(f"{LOGIN}?next=/admin/", {**data, "next": "/admin/"}).url == "/admin/"
    client.logout()
    assert "evil.example" not in client.post(LOGIN, {**data, "next": "https://evil.example/"}).url


def test_who_is_logged_in_without_business_in_the_admin_is_refused(client):
    client.force_login(sam())
    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get("/admin/login/").status_code == 403


# --- Roles --------------------------------------------------------------------------------------------


def test_roles_hold_exactly_what_is_written_even_after_meddling():
    group = Group.objects.get(name="agent")
    group.permissions.add(Permission.objects.get(codename="change_user"))
    group.permissions.remove(Permission.objects.get(codename="publish_article"))
    sync_roles()
    names = {f"{one.content_type.app_label}.{one.codename}" for one in group.permissions.all()}
    assert names == set(ROLE_PERMISSIONS["agent"])


@pytest.mark.parametrize("role", ["agent", "editor", "manager"])
def test_every_permission_of_a_role_exists_and_none_makes_more_of_its_holder(role):
    group = Group.objects.get(name=role)
    assert group.permissions.count() == len(set(ROLE_PERMISSIONS[role]))
    assert not group.permissions.filter(content_type__app_label__in=["accounts", "auth", "account", "admin"]).exists()


KNOWLEDGE = {"article", "articletranslation", "topic", "contentgap", "feedback", "phrasing"}
STEERING = {
    "channel",
    "channelpolicy",
    "calendar",
    "team",
    "mailbox",
    "tag",
    "rootcause",
    "customfield",
    "macro",
    "company",
    "agentavailability",
}
LOOKED_UP = {
    "customer",
    "outboxmessage",
    "inboundmail",
    "searchevent",
    "rejection",
    "fetchposition",
    "rating",
    "callback",
}
TUNED = {"searchtuning", "matchingsettings", "holdoutround", "helpincontext"}
INTEGRATIONS = {"apitoken", "webhook"}
OPENS = {
    "ada": KNOWLEDGE,
    "ed": KNOWLEDGE | {"searchevent", "synonym", "rejection"},
    "max": KNOWLEDGE | STEERING | LOOKED_UP | TUNED,
    "root": KNOWLEDGE
    | STEERING
    | LOOKED_UP
    | TUNED
    | INTEGRATIONS
    | {"synonym", "organisation", "user", "group", "webhookdelivery"},
    "sam": set(),
}
ADDS = {
    "ada": {"article", "articletranslation"},
    "ed": {"article", "articletranslation", "topic", "synonym"},
    "max": STEERING,
    "root": {"article", "articletranslation", "topic", "synonym", "user"} | STEERING | INTEGRATIONS,
    "sam": set(),
}
PEOPLE = {"ada": ada, "ed": ed, "max": max_, "root": root, "sam": sam}


def _one_of_each() -> None:
    text = publish_article(topic=TopicFactory(), phrasings=["where is my money"])
    channel = Channel.objects.create(kind=ChannelKind.PHONE)
    ChannelPolicy.objects.create(channel=channel)
    Calendar.objects.create(name="Phone")
    Team.objects.create(name="Team", key="team")
    Feedback.objects.create(translation=text, is_helpful=True)
    ContentGap.objects.create(title="Gift cards?", language="en")
    SearchEvent.objects.create(text="x", normalised="x", language="en", result_count=0)
    Synonym.objects.create(language="en", words="parcel, package")
    SearchTuning.objects.create()
    MatchingSettings.objects.create()
    HoldoutRound.objects.create(number=1, share=5)
    HelpInContext.objects.create(pk=1)
    Rejection.objects.create(article=text.article, language="en", text="why was it refused", source="dismissed")
    Organisation.objects.create()
    InboundMail.objects.create(digest="d", raw=b"x", received_at=timezone.now())
    ticket = make_ticket()
    assert OutboxMessage.objects.exists()
    _one_of_each_around_cases(ticket)


def _one_of_each_around_cases(ticket: Ticket) -> None:
    Mailbox.objects.create(address="orders@example.com")
    FetchPosition.objects.create(account="help@mail.example")
    Tag.objects.create(name="late")
    RootCause.objects.create(key="unclear", name="Unclear")
    CustomField.objects.create(key="order")
    Macro.objects.create(name="On its way")
    Company.objects.create(name="Trading Ltd")
    Rating.objects.create(ticket=ticket, satisfaction=4)
    now = timezone.now()
    Callback.objects.create(ticket=ticket, number="+46701740605", language="en", promised_at=now, due_at=now)
    AgentAvailability.objects.create(user=UserFactory())
    holder, _created = User.objects.get_or_create(email="machine@example.com")
    role = Group.objects.get(name="agent")
    ApiToken.objects.create(name="CRM", role=role, user=holder, prefix="svar_x", digest="d")
    webhook = Webhook.objects.create(name="CRM", url="https://crm.example/", secret="s")
    WebhookDelivery.objects.create(webhook=webhook, event="case.opened", payload={})


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.label_lower)
def test_every_admin_page_opens_for_those_who_need_it_and_for_nobody_else(client, model):
    _one_of_each()
    name = model._meta.model_name
    address = f"/admin/{model._meta.app_label}/{name}/"
    anonymous = client.get(address)
    assert (anonymous.status_code, anonymous.url.split("?")[0]) == (302, "/admin/login/")
    for who, person in PEOPLE.items():
        client.force_login(person())
        row = model._default_manager.first()
        pages = {address: OPENS, f"{address}{row.pk}/change/": OPENS, f"{address}add/": ADDS}
        for page, allowed in pages.items():
            code = client.get(page, follow=True).status_code
            assert code == (200 if name in allowed[who] else 403), (who, page)


def test_the_registry_holds_what_the_table_knows():
    assert {model._meta.model_name for model in admin.site._registry} == OPENS["root"]


@pytest.mark.parametrize("who", ["ada", "ed", "max", "root"])
def test_the_menu_names_what_one_may_open_and_nothing_else(client, who, settings):
    settings.IMAP_URLS = ["imaps://help:word@mail.example/"]
    client.force_login(PEOPLE[who]())
    page = client.get("/admin/").content.decode()
    for model in admin.site._registry:
        listed = f'href="/admin/{model._meta.app_label}/{model._meta.model_name}/"' in page
        # These two are reached from what they belong to.
        assert listed is (model._meta.model_name in OPENS[who] - {"articletranslation", "webhookdelivery"}), model
    assert ('href="/reports/"' in page) is (who in ("max", "root"))


def test_the_policy_lets_no_inline_script_into_the_admin(client):
    client.force_login(root())
    response = client.get("/admin/knowledge/article/")
    (scripts,) = [part for part in response["Content-Security-Policy"].split("; ") if part.startswith("script-src")]
    assert "'unsafe-inline'" not in scripts
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", response.content.decode())


# --- Nobody makes more of themselves --------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ada", "ed", "max", "sam"])
def test_people_and_roles_are_out_of_reach(client, who):
    person = PEOPLE[who]()
    client.force_login(person)
    for address in (
        "/admin/accounts/user/",
        "/admin/accounts/user/add/",
        f"/admin/accounts/user/{person.pk}/change/",
        f"/admin/accounts/user/{person.pk}/password/",
        "/admin/auth/group/",
    ):
        assert client.get(address, follow=True).status_code == 403
        assert client.post(address, {"is_superuser": "on"}, follow=True).status_code == 403
    person.refresh_from_db()
    assert not person.is_superuser


def _person_form(person: User, **fields: object) -> dict[str, object]:
    values = {"email": person.email, "name": person.name, "display_name": person.display_name, "language": ""}
    groups = list(person.groups.values_list("pk", flat=True))
    return {**values, "is_active": "on", "groups": groups, **fields}


def test_an_administrator_gives_roles_and_cannot_make_superusers(client):
    client.force_login(root())
    person = sam()
    role = Group.objects.get(name="agent")
    data = _person_form(person, groups=[role.pk], is_staff="on", is_superuser="on")
    assert client.post(f"/admin/accounts/user/{person.pk}/change/", data).status_code == 302
    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser, list(person.groups.all())) == (True, False, [role])


def test_an_administrator_does_not_touch_superusers(client):
    client.force_login(root())
    owner = UserFactory(email="owner@example.com", is_staff=True, is_superuser=True)
    address = f"/admin/accounts/user/{owner.pk}/"
    assert client.post(f"{address}change/", _person_form(owner, email="mine@example.com")).status_code == 403
    new = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert client.post(f"{address}password/", new).status_code == 403
    assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    assert User.objects.get(pk=owner.pk).email == "owner@example.com"


def test_nobody_locks_themselves_out(client):
    person = root()
    client.force_login(person)
    data = _person_form(person, groups=[], is_active="", is_staff="")
    assert client.post(f"/admin/accounts/user/{person.pk}/change/", data).status_code == 302
    person.refresh_from_db()
    assert (person.is_active, person.is_staff, person.groups.count()) == (True, True, 1)


def test_roles_are_looked_at_and_not_edited(client):
    client.force_login(root())
    group = Group.objects.get(name="editor")
    assert client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "x"}).status_code == 403
    assert client.get("/admin/auth/group/add/").status_code == 403


def test_a_new_person_logs_in_with_a_code_and_needs_no_password(client):
    client.force_login(root())
    data = {"email": "New@Example.com", "name": "Nina Ny", "is_staff": "on", "usable_password": "false"}
    data["groups"] = [Group.objects.get(name="agent").pk]
    assert client.post("/admin/accounts/user/add/", data).status_code == 302
    person = User.objects.get(email="new@example.com")
    assert not person.has_usable_password()
    assert person.has_perm("tickets.work_cases")
    client.logout()
    _ask_for_code(client, "new@example.com")
    assert mail.outbox[-1].to == ["new@example.com"]


def test_an_address_belongs_to_one_person_in_any_case(client):
    client.force_login(root())
    sam()
    data = {"email": "SAM@example.com", "usable_password": "false"}
    page = client.post("/admin/accounts/user/add/", data)
    assert "Somebody has this address already." in page.content.decode()
    assert User.objects.filter(email__iexact="sam@example.com").count() == 1


def test_a_replaced_address_opens_the_account_no_more(client):
    client.force_login(root())
    person = sam()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    data = _person_form(person, email="sam.new@example.com")
    assert client.post(f"/admin/accounts/user/{person.pk}/change/", data).status_code == 302
    client.logout()
    sent = len(mail.outbox)
    _ask_for_code(client, "sam@example.com")
    assert not [letter for letter in mail.outbox[sent:] if re.search(r"\b[A-Z0-9]{6}\b", letter.body)]
    assert EmailAddress.objects.get(user=person).email == "sam.new@example.com"
