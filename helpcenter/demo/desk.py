"""What the demo shop's agents work with: mailboxes, root causes, fields, macros, lists; and whom they know."""

from __future__ import annotations

from typing import Any

from helpcenter.accounts.models import User
from helpcenter.demo.stories import read_yaml
from knowledge.models import Topic
from tickets.models import (
    Company,
    Customer,
    CustomField,
    CustomFieldText,
    Identity,
    Macro,
    MacroText,
    Mailbox,
    RootCause,
    Tag,
    Team,
    Webhook,
)
from tickets.services import saved_filters
from tickets.services.customers import customer_by_email, normalise_email, normalise_phone
from tickets.services.webhooks import new_secret


def make_desk() -> None:
    """What administrators would set by hand before the first case."""
    data = read_yaml("desk.yaml")
    topics = {topic.slug: topic for topic in Topic.objects.all()}
    teams = {team.key: team for team in Team.objects.all()}
    for row in data["mailboxes"]:
        topic, team = topics.get(row.get("topic", "")), teams.get(row.get("team", ""))
        Mailbox.objects.create(**{**row, "topic": topic, "team": team})
    for position, row in enumerate(data["root_causes"]):
        RootCause.objects.create(**row, position=position)
    for position, row in enumerate(data["fields"]):
        _make_field(row, position, topics)
    for position, row in enumerate(data["macros"]):
        _make_macro(row, position, teams)
    for row in data["companies"]:
        Company.objects.create(**row)
    hook = Webhook(**data["webhook"], secret=new_secret(), is_active=False)
    hook.full_clean()
    hook.save()


def _make_field(row: dict[str, Any], position: int, topics: dict[str, Topic]) -> None:
    texts, places = row.pop("texts"), row.pop("topics")
    field = CustomField(**row, position=position)
    field.full_clean()
    field.save()
    field.topics.set([topics[slug] for slug in places])
    CustomFieldText.objects.bulk_create(
        [CustomFieldText(field=field, language=language, **text) for language, text in texts.items()]
    )


def _make_macro(row: dict[str, Any], position: int, teams: dict[str, Team]) -> None:
    texts, tags = row.pop("texts"), row.pop("tags", [])
    macro = Macro.objects.create(**{**row, "team": teams.get(row.get("team", ""))}, position=position)
    macro.tags.set([Tag.objects.get_or_create(name=name)[0] for name in tags])
    MacroText.objects.bulk_create(
        [MacroText(macro=macro, language=language, body=body) for language, body in texts.items()]
    )


def make_customers() -> None:
    """What agents have noted about the people of the stories, and one person with two records."""
    data = read_yaml("desk.yaml")
    companies = {company.name: company for company in Company.objects.all()}
    for address, row in data["customers"].items():
        customer = Customer.objects.get(identities__kind=Identity.Kind.EMAIL, identities__value=address)
        customer.company = companies.get(row.get("company", ""))
        customer.region, customer.notes = row.get("region", ""), row.get("notes", "")
        customer.save()
        for kind, value in row.get("also", {}).items():
            Identity.objects.create(customer=customer, kind=kind, value=_as_kept(kind, value))
    twin = data["duplicate"]
    customer_by_email(twin["email"], name=twin["name"], language=twin["language"])


def _as_kept(kind: str, value: str) -> str:
    if kind == Identity.Kind.EMAIL:
        return normalise_email(value)
    return normalise_phone(value) if kind == Identity.Kind.PHONE else value


def make_filters(staff: dict[str, User]) -> None:
    teams = {team.key: team for team in Team.objects.all()}
    for row in read_yaml("desk.yaml")["filters"]:
        saved_filters.save(**{**row, "owner": staff[row["owner"]], "team": teams.get(row.get("team", ""))})
