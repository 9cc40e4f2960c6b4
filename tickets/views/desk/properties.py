"""What agents change about a case from the panel beside it: one form, one service call each, and back to the case."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from knowledge.forms import without_nul
from tickets.errors import TicketError
from tickets.models import Ticket
from tickets.services import history
from tickets.services.fields import FieldsError, set_fields
from tickets.services.properties import PROPERTIES, change_property
from tickets.services.tagging import add_tags, remove_tags, split_tags
from tickets.views.desk.cases import case_page
from tickets.views.desk.door import DeskRequest, at_the_desk, back_to_case, ticket_or_404
from tickets.views.desk.side import Refused


def done(request: DeskRequest, ticket: Ticket, said: str) -> HttpResponse:
    """Back to the case. A panel that is swapped in place shows what changed by itself."""
    if not request.htmx:
        messages.success(request, said)
    return back_to_case(request, ticket)


def sent(request: DeskRequest) -> dict[str, str]:
    """The fields of a form by name, the last of several."""
    return {name: str(value) for name, value in (without_nul(request.POST) or request.POST).items()}


def attempt(
    request: DeskRequest,
    ticket: Ticket,
    form: str,
    change: Callable[[], object],
    said: str,
    typed: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Does it, or shows the case again with what was typed and why it cannot be."""
    try:
        with transaction.atomic():
            change()
    except TicketError as error:
        errors = error.by_key if isinstance(error, FieldsError) else {}
        refused = Refused(form, typed or sent(request), str(error), errors)
        return case_page(request, ticket_or_404(request, ticket.reference or ""), refused=refused, status=422)
    return done(request, ticket, said)


@require_POST
@at_the_desk
def change_properties(request: DeskRequest, reference: str) -> HttpResponse:
    """Sets those properties that the form holds."""
    ticket = ticket_or_404(request, reference)
    data = sent(request)
    wanted = [(name, data[name]) for name in PROPERTIES if name in data]

    def change() -> None:
        for name, value in wanted:
            change_property(ticket, name, value, by=history.agent(request.user))

    return attempt(request, ticket, wanted[0][0] if wanted else "", change, _("The case has been changed."))


@require_POST
@at_the_desk
def change_tags(request: DeskRequest, reference: str) -> HttpResponse:
    """Adds what was typed, or takes one tag off."""
    ticket = ticket_or_404(request, reference)
    data, by = sent(request), history.agent(request.user)
    gone, typed = data.get("remove", ""), data.get("tags", "")

    def change() -> None:
        if gone:
            remove_tags(ticket, [gone], by=by)
            return
        names = split_tags(typed)
        if not names:
            raise TicketError(_("Write a tag first."))
        add_tags(ticket, names, by=by)

    return attempt(request, ticket, "tags", change, _("The tags have been changed."))


@require_POST
@at_the_desk
def change_fields(request: DeskRequest, reference: str) -> HttpResponse:
    ticket = ticket_or_404(request, reference)
    values = {name.removeprefix("field-"): value for name, value in sent(request).items() if name.startswith("field-")}

    by = history.agent(request.user)
    return attempt(
        request, ticket, "fields", lambda: set_fields(ticket, values, by=by), _("The fields have been changed."), values
    )
