"""What a PATCH of a case asks for, handed to the services one by one, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers

from knowledge.models import Article
from tickets.api.problems import Conflict
from tickets.errors import TicketError
from tickets.models import Ticket
from tickets.services import fields, history, lifecycle, properties, tagging

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_PROPERTIES = ("subject", "priority", "type", "language", "topic", "team")


def refuse_if_merged(ticket: Ticket) -> None:
    """Raises Conflict for a case that goes on elsewhere."""
    if ticket.merged_into_id and ticket.merged_into:
        raise Conflict(_("This case was merged into %(reference)s.") % {"reference": ticket.merged_into.reference})


@transaction.atomic
def change_case(ticket: Ticket, values: dict[str, Any], *, by: User) -> None:
    """All that is asked for, or nothing of it: raises a validation error by field."""
    ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
    refuse_if_merged(ticket)
    if "answered_by" in values and values.get("status") != Ticket.Status.SOLVED:
        raise serializers.ValidationError({"answered_by": [_("Only a solved case has an article that answered it.")]})
    actor = history.agent(by)
    for name in _PROPERTIES:
        if name in values:
            _apply(name, properties.change_property, ticket, name, values[name], by=actor)
    if "fields" in values:
        _apply("fields", fields.set_fields, ticket, values["fields"], by=actor)
    if "tags" in values:
        _set_tags(ticket, values["tags"], by)
    if "assignee" in values:
        _assign(ticket, values["assignee"], by)
    if "status" in values:
        _set_status(ticket, values, by)


def _apply(field: str, change: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    try:
        change(*args, **kwargs)
    except fields.FieldsError as error:
        raise serializers.ValidationError({field: error.by_key}) from None
    except TicketError as error:
        raise serializers.ValidationError({field: [str(error)]}) from None


def _set_tags(ticket: Ticket, names: list[str], by: User) -> None:
    """Makes the case's tags these; those that go make room first."""
    wanted = {tagging.normalise_tag(name) for name in names}
    gone = [tag.name for tag in ticket.tags.all() if tag.name not in wanted]
    if gone:
        _apply("tags", tagging.remove_tags, ticket, gone, by=history.agent(by))
    _apply("tags", tagging.add_tags, ticket, names, by=history.agent(by))


def _assign(ticket: Ticket, email: str | None, by: User) -> None:
    if email is None:
        lifecycle.unassign(ticket, by=by)
        return
    person = get_user_model()._default_manager.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise serializers.ValidationError({"assignee": [_("There is nobody with that address.")]})
    _apply("assignee", lifecycle.assign, ticket, to=person, by=by)


def _set_status(ticket: Ticket, values: dict[str, Any], by: User) -> None:
    status = values["status"]
    ticket.refresh_from_db(fields=["status", "answered_by"])
    if status == Ticket.Status.SOLVED:
        article = _article(values.get("answered_by"))
        if ticket.status != status or ticket.answered_by != article:
            _apply("status", lifecycle.solve, ticket, agent=by, article=article)
    elif ticket.status != status:
        _apply("status", lifecycle.change_status, ticket, status, agent=by)


def _article(pk: int | None) -> Article | None:
    article = Article.objects.published().filter(pk=pk).first() if pk else None
    if pk and article is None:
        raise serializers.ValidationError({"answered_by": [_("There is no such article.")]})
    return article
