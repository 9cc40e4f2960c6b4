"""Who works at the demo shop: fictional staff that nobody can log in as, and accounts for trying the roles."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group

from helpcenter.accounts import roles
from helpcenter.accounts.models import User
from helpcenter.demo.stories import read_yaml
from tickets.models import AgentAvailability, Team


@dataclass(frozen=True)
class Account:
    email: str
    password: str
    role: str
    name: str
    is_superuser: bool = False


ACCOUNTS = [
    Account("agent@demo.example", "demo-agent", roles.AGENT, "Astrid Lund"),
    Account("editor@demo.example", "demo-editor", roles.EDITOR, "Elias Holm"),
    Account("manager@demo.example", "demo-manager", roles.MANAGER, "Maria Krogh"),
    Account("admin@demo.example", "demo-admin", roles.ADMINISTRATOR, "Anders Vik", is_superuser=True),
]


def make_staff() -> None:
    """The people of the stories. They have no password that could work."""
    teams = {team.key: team for team in Team.objects.all()}
    group = Group.objects.get(name=roles.AGENT)
    for row in read_yaml("organisation.yaml")["agents"]:
        user = User.objects.create_user(
            row["email"], name=row["name"], display_name=row["display_name"], language=row["languages"][0]
        )
        user.groups.add(group)
        for key in row["teams"]:
            teams[key].members.add(user)


def staff_by_key() -> dict[str, User]:
    """The staff under the names that the stories call them by."""
    rows = read_yaml("organisation.yaml")["agents"]
    users = {user.email: user for user in User.objects.filter(email__in=[row["email"] for row in rows])}
    return {row["key"]: users[row["email"]] for row in rows if row["email"] in users}


def make_accounts() -> int:
    """Makes the demo accounts that are missing; one that somebody has changed stays as it is. Returns how many."""
    made = 0
    for account in ACCOUNTS:
        if User.objects.filter(email=account.email).exists():
            continue
        user = User.objects.create_user(
            account.email,
            account.password,
            name=account.name,
            display_name=account.name.split()[0],
            is_staff=True,
            is_superuser=account.is_superuser,
        )
        user.groups.add(Group.objects.get(name=account.role))
        EmailAddress.objects.create(user=user, email=account.email, verified=True, primary=True)
        if account.role == roles.AGENT:
            for team in Team.objects.all():
                team.members.add(user)
            # Away until they say otherwise: nobody is made to look as if they were there.
            AgentAvailability.objects.create(user=user, chat_capacity=3)
        made += 1
    return made


def demo_agent() -> User | None:
    """Who tries the desk; None where there are no demo accounts."""
    address = next(account.email for account in ACCOUNTS if account.role == roles.AGENT)
    return User.objects.filter(email=address).first()
