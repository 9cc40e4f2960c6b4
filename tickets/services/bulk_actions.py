"""What can be done with many cases at a time, each with the verb that does it with one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from knowledge.models import Article
from tickets.errors import TicketError
from tickets.models import HeldSend, Macro, Message, RootCause, Ticket
from tickets.services import history, lifecycle, macros, properties, spam, tagging, undo

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

Values = Mapping[str, Any]
# What `answered_by` says where somebody has judged that no article answers the question.
NO_ARTICLE = "none"


@dataclass(frozen=True)
class BulkAction:
    """`apply` does it with one case and raises TicketError where that cannot be done; `values` are as they were
    checked when the job was started, and may name what is gone by now."""

    key: str
    title: Promise
    apply: Callable[[Ticket, User, Values], object]


def _assign(ticket: Ticket, agent: User, values: Values) -> None:
    if not values.get("to"):
        lifecycle.unassign(ticket, by=agent)
        return
    colleague = get_user_model()._default_manager.filter(pk=values["to"], is_active=True).first()
    if colleague is None:
        raise TicketError(str(_("The person who was to get it is no longer there.")))
    lifecycle.assign(ticket, to=colleague, by=agent)


def _status(ticket: Ticket, agent: User, values: Values) -> None:
    if ticket.status != values["status"]:
        lifecycle.change_status(ticket, values["status"], agent=agent)


def _property(name: str) -> Callable[[Ticket, User, Values], object]:
    return lambda ticket, agent, values: properties.change_property(ticket, name, values[name], by=history.agent(agent))


def _add_tags(ticket: Ticket, agent: User, values: Values) -> None:
    tagging.add_tags(ticket, values["tags"], by=history.agent(agent), job=values.get("job", ""))


def _remove_tags(ticket: Ticket, agent: User, values: Values) -> None:
    tagging.remove_tags(ticket, values["tags"], by=history.agent(agent), job=values.get("job", ""))


def _take_back_tags(ticket: Ticket, agent: User, values: Values) -> None:
    tagging.take_back(ticket, values["undoes"], by=history.agent(agent))


def _reply(ticket: Ticket, agent: User, values: Values) -> None:
    """An answer of its own in each case: a macro in the customer's language, or one text with placeholders."""
    body, macro = text_for(ticket, agent, values)
    then = values["then"]
    if then == Ticket.Status.SOLVED:
        message = _solve(ticket, agent, values, body)
    else:
        message = lifecycle.send_reply(ticket, agent=agent, body=body, then=then, hold=undo_time())
    if macro and message:
        tags = macros.act(ticket, [macro], agent=agent)
        macros.count_use(message, [macro], user=agent)
        if held := HeldSend.objects.filter(message=message).first():
            undo.include(held, tags=tags)


def undo_time() -> timedelta | None:
    """How long what is written to many stays here before it leaves."""
    seconds = settings.UNDO_BULK_SECONDS
    return timedelta(seconds=seconds) + undo.GRACE if seconds else None


def text_for(ticket: Ticket, agent: User, values: Values) -> tuple[str, Macro | None]:
    """What the customer of this case would read, and the macro that it comes from. Raises TicketError for a macro
    that is gone."""
    if not values.get("macro"):
        return macros.fill(values["body"], macros.values_for(ticket, agent)), None
    filled = macros.macro_for(ticket, agent, int(values["macro"]))
    macro = macros.macros_of(agent).filter(pk=values["macro"]).first()
    if filled is None or macro is None:
        raise TicketError(str(_("That macro is no longer there.")))
    return filled.body, macro


def _solve(ticket: Ticket, agent: User, values: Values, body: str = "") -> Message | None:
    """What answered them is said once for all, or not at all: that an article is missing is never concluded."""
    if ticket.is_settled and not body:
        return None
    answered_by = str(values.get("answered_by") or "")
    return lifecycle.solve(
        ticket,
        agent=agent,
        article=Article.objects.filter(pk=answered_by).first() if answered_by.isdecimal() else None,
        is_missing=answered_by == NO_ARTICLE,
        body=body,
        root_cause=_cause(values),
        hold=undo_time(),
    )


def _cause(values: Values) -> RootCause | None:
    return RootCause.objects.filter(pk=values["root_cause"]).first() if values.get("root_cause") else None


ACTIONS = {
    action.key: action
    for action in (
        BulkAction("reply", _("Answer all"), _reply),
        BulkAction("assign", _("Give to somebody"), _assign),
        BulkAction("status", _("Change the status"), _status),
        BulkAction("solve", _("Solve"), _solve),
        BulkAction("priority", _("Change the priority"), _property("priority")),
        BulkAction("team", _("Move to a team"), _property("team")),
        BulkAction("topic", _("Change the topic"), _property("topic")),
        BulkAction("add_tags", _("Add tags"), _add_tags),
        BulkAction("remove_tags", _("Remove tags"), _remove_tags),
        BulkAction("spam", _("Mark as spam"), lambda ticket, agent, values: spam.mark_as_spam(ticket, agent=agent)),
        BulkAction(
            "not_spam", _("Not spam"), lambda ticket, agent, values: lifecycle.clear_of_spam(ticket, agent=agent)
        ),
    )
}

TAGGING = ("add_tags", "remove_tags")
"""What can be taken back as long as nobody has changed the same tags of a case since."""
TAKES_BACK_TAGS = BulkAction("take_back_tags", _("Put tags back"), _take_back_tags)
# What is offered in a list, and what follows from it.
EVERY_ACTION = ACTIONS | {TAKES_BACK_TAGS.key: TAKES_BACK_TAGS}
