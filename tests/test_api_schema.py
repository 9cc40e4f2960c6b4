"""The API keeps its word: whatever is sent to any address, the answer is one that the schema describes."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from deflection.models import Journey
from helpcenter.wsgi import application
from tests.factories import TopicFactory, make_ticket, publish_article
from tests.people import ada
from tests.tickets.tokens import caller_for
from tickets.services import chats

# Not among them that whatever the schema does not allow is refused: `?lang=` is taken for no `lang`, 1 for true.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
# Of the others no schema can say which articles, people or fields there are.
TAKES_ALL_THAT_IS_DESCRIBED = {
    "search",
    "topics_list",
    "articles_list",
    "articles_read",
    "suggestions_ask",
    "cases_read",
}


def checks_for(case) -> list:
    takes_all = case.operation.definition.raw["operationId"] in TAKES_ALL_THAT_IS_DESCRIBED
    return [*CHECKS, positive_data_acceptance] if takes_all else CHECKS


# Without a server in between nobody unpacks what was compressed.
PLAIN = {"Accept-Encoding": "identity"}
# The same examples in every run; the database is the same for all examples of one address.
pytestmark = pytest.mark.usefixtures("house")
EXAMPLES = settings(
    max_examples=10,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def _one_connection():
    """Requests come through WSGI as from a server, after which the connection with the test's transaction would be
    closed; the framework's own test client does the same."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def house(db, commit, _one_connection):
    """A site with one of each thing, so that addresses lead somewhere."""
    with commit():
        article = publish_article("When do I get my refund?", topic=TopicFactory(slug="returns")).article
        ticket = make_ticket()
        chat = chats.begin(body="Is anybody there?", language="en")
    return {
        "id": article.pk,
        "journey_id": str(Journey.objects.create(language="en").pk),
        "reference": ticket.reference,
        "chat_id": str(chat.pk),
        "chat_key": chats.chat_key(chat),
        "token": caller_for(ada()).headers["Authorization"],
    }


def _schema() -> BaseSchema:
    """Made without a request: it is needed while tests are collected, when there is no database yet."""
    made = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
    made.app = application
    made.location = "/api/schema/"
    return made


schema = _schema()


@schema.parametrize()
@EXAMPLES
def test_nobody_in_particular(case):
    case.call_and_validate(headers=PLAIN, checks=[*checks_for(case), ignored_auth])


@schema.parametrize()
@EXAMPLES
def test_somebody_with_a_token_asks_for_what_is_there(case, house):
    for name in case.path_parameters:
        case.path_parameters[name] = house[name]
    headers = {**PLAIN, "Authorization": house["token"], "Chat-Key": house["chat_key"]}
    case.call_and_validate(headers=headers, checks=checks_for(case))
