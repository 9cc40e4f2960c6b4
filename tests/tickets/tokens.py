"""Asking the API with a token in tests."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.test import Client

from helpcenter.accounts.models import User
from tickets.services.tokens import make_token

CASES = "/api/v1/tickets/"


class Caller:
    """A system that holds a token, or none."""

    def __init__(self, token: str = "") -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Token {token}"} if token else {}

    def get(self, path: str, query: Any = None) -> Any:
        return self.client.get(path, query, headers=self.headers)

    def patch(self, path: str, body: Any) -> Any:
        return self.client.patch(path, body, content_type="application/json", headers=self.headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.post(path, body, content_type="application/json", headers={**self.headers, **headers})


def caller_for(user: User, role: str = "agent") -> Caller:
    _row, text = make_token(name="CRM", role=Group.objects.get(name=role), user=user)
    return Caller(text)


def case_url(reference: str) -> str:
    return f"{CASES}{reference}/"


def messages_url(reference: str) -> str:
    return f"{CASES}{reference}/messages/"
