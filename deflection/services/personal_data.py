"""All that the site holds of one person: handed out in one archive, or taken out for good.

What belongs to somebody is what they have shown to be theirs: their cases, the journeys in which they were known, and
those that belong to the same attempts (`joining`). Counts stay; words, names, addresses and files go. Every handing out
and erasing leaves a line in the log of the admin.
"""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.utils import timezone

from deflection.models import Journey, Rejection
from deflection.services import drafts, joining, journeys, retention
from deflection.services.learning import origin_of
from knowledge.models import Feedback, GapEvidence, Phrasing, SearchEvent
from knowledge.services.gaps import forget_evidence
from knowledge.services.phrasings import erase_phrasings
from tickets.models import Attachment, Customer, InboundMail, MailContent, Message, Ticket
from tickets.services import personal_data as of_cases
from tickets.services.participants import our_addresses

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

PERMISSION = "deflection.handle_personal_data"
_MEMORY_BYTES = 8 * 1024 * 1024
_SHORTEST_SWEPT = 5
# Where copies of an address may stand. Articles are the organisation's own text; the number under which somebody else
# is known, or asked to be called, is theirs as well.
_SWEPT_APPS = ("tickets", "deflection", "knowledge")
_NOT_SWEPT = (
    "identity",
    "callback",
    "article",
    "articletranslation",
    "revision",
    "topic",
    "topictranslation",
    "organisation",
    "mailbox",
    "channel",
)


def journeys_of(customer: Customer) -> list[Journey]:
    """The journeys that are known to be theirs, the oldest first."""
    origins = of_cases.cases_of(customer).exclude(origin="").values_list("origin", flat=True)
    seeds = [*Journey.objects.filter(customer=customer), *filter(None, map(journeys.find, origins))]
    found: dict[Any, Journey] = {}
    for seed in seeds:
        if seed.customer_id in (None, customer.pk) and seed.pk not in found:
            found |= {one.pk: one for one in joining.whole(seed, customer=customer)}
    return sorted(found.values(), key=lambda one: one.started_at)


def counts(customer: Customer) -> dict[str, int]:
    """How much there is of somebody."""
    messages = Message.objects.filter(models.Q(ticket__customer=customer) | models.Q(customer=customer))
    return {
        "cases": of_cases.cases_of(customer).count(),
        "messages": messages.count(),
        "files": Attachment.objects.filter(message__in=messages).count(),
        "visits": len(journeys_of(customer)),
    }


# --- Handing out --------------------------------------------------------------------------------------


def export(customer: Customer, *, by: User, with_notes: bool) -> IO[bytes]:
    """A ZIP archive of everything: `data.json`, and the files beside it. The caller closes it.

    `with_notes` adds what agents noted among themselves: for the organisation to look through first.
    """
    held = of_cases.export(customer, with_notes=with_notes)
    mine = journeys_of(customer)
    data = held.data | {
        "made": timezone.now().isoformat(),
        "visits": [_visit(journey) for journey in mine],
        "begun_to_write": drafts.export_of(mine),
    }
    archive: IO[bytes] = tempfile.SpooledTemporaryFile(_MEMORY_BYTES)  # noqa: SIM115 (handed to the caller)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("data.json", json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
        for name, attachment in held.files.items():
            try:
                with attachment.file.open("rb") as content, files.open(name, "w") as target:
                    for part in content.chunks():
                        target.write(part)
            except FileNotFoundError:
                # The row says that there was one; the archive cannot hold more than there is.
                continue
    archive.seek(0)
    _log(customer, by, "personal data handed out")
    return archive


def _visit(journey: Journey) -> dict[str, Any]:
    said = Feedback.objects.filter(origin=str(journey.pk)).select_related("translation")
    return {
        "began": journey.started_at.isoformat(),
        "language": journey.language,
        "steps": journeys.steps(journey),
        "said_of_articles": [
            {"article": one.translation.title, "helpful": one.is_helpful, "comment": one.comment} for one in said
        ],
    }


# --- Taking out ---------------------------------------------------------------------------------------


@transaction.atomic
def erase(customer: Customer, *, by: User | None = None) -> None:
    """Takes everything out that the site holds of a customer. It cannot be undone. Safe to repeat."""
    mine = journeys_of(customer)
    tickets = list(of_cases.cases_of(customer))
    _erase_learned(tickets, mine)
    _erase_visits(mine)
    known = of_cases.erase(customer)
    _sweep(known)
    transaction.on_commit(_begin_the_log_anew)
    if by is not None:
        customer.refresh_from_db()
        _log(customer, by, "personal data erased")


def _begin_the_log_anew() -> None:
    """SQLite wipes what it deletes from its file, and keeps pages as they were in the log beside it until then."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _erase_learned(tickets: Sequence[Ticket], mine: Sequence[Journey]) -> None:
    """What the knowledge base and the matcher learned from what they wrote or searched."""
    erase_phrasings(Phrasing.with_removed.filter(origin__in=[origin_of(ticket) for ticket in tickets]))
    names = [str(journey.pk) for journey in mine]
    origins = {*names, *(ticket.origin for ticket in tickets if ticket.origin)}
    Rejection.objects.filter(origin__in=origins).delete()
    theirs = set(SearchEvent.objects.filter(origin__in=names).values_list("normalised", flat=True))
    others = SearchEvent.objects.filter(normalised__in=theirs).exclude(origin__in=names)
    alone = theirs - set(others.values_list("normalised", flat=True))
    erase_phrasings(Phrasing.with_removed.filter(source=Phrasing.Source.GAP, text__in=alone))
    evidence = GapEvidence.objects.filter(source__in=[f"case:{ticket.pk}" for ticket in tickets])
    forget_evidence(evidence | GapEvidence.objects.filter(kind=GapEvidence.Kind.SEARCH, text__in=alone))


def _erase_visits(mine: Sequence[Journey]) -> None:
    names = [str(journey.pk) for journey in mine]
    # A search without its words would be counted as one, and offered to others as often made.
    SearchEvent.objects.filter(origin__in=names).delete()
    Feedback.objects.filter(origin__in=names).exclude(comment="").update(comment=of_cases.ERASED)
    for start in range(0, len(mine), retention.BATCH):
        retention.forget(mine[start : start + retention.BATCH])


def _sweep(known: Iterable[str]) -> None:
    """Takes their addresses and numbers out of everything else: letters to others, history, notes, logs."""
    ours = {address.lower() for address in our_addresses()}
    ours |= {email.lower() for email in get_user_model()._default_manager.values_list("email", flat=True)}
    values = [one for one in known if len(one) >= _SHORTEST_SWEPT and one.lower() not in ours]
    if not values:
        return
    # Whole: "bo@example.com" ends the address of Jacobo, who stays. In raw letters "=3D" may stand right before it.
    any_of_them = "|".join(re.escape(one) for one in sorted(values, key=len, reverse=True))
    begins = r"(?:(?<![\w.+%-])|(?<==[0-9A-F][0-9A-F]))"
    pattern = re.compile(rf"{begins}(?:{any_of_them})(?![\w-]|\.\w)", re.IGNORECASE)
    _sweep_raw(values, pattern)
    swept: list[type[models.Model]] = [LogEntry]
    for app in _SWEPT_APPS:
        swept += apps.get_app_config(app).get_models()
    for model in swept:
        if model._meta.model_name not in _NOT_SWEPT:
            _sweep_model(model, values, pattern)


def _sweep_model(model: type[models.Model], values: Sequence[str], pattern: re.Pattern[str]) -> None:
    kinds = (models.CharField, models.TextField, models.JSONField)
    fields = [one for one in model._meta.concrete_fields if isinstance(one, kinds) and not one.choices]
    if not fields:
        return
    holds = models.Q()
    for field in fields:
        for value in values:
            holds |= models.Q(**{f"{field.name}__icontains": value})
    manager = getattr(model, "with_removed", model._default_manager)
    for row in manager.filter(holds):
        changed = {one.name: _without(getattr(row, one.name), pattern) for one in fields}
        # Not by save(), which some models refuse for rows of the past.
        manager.filter(pk=row.pk).update(**changed)


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    """A text, or JSON, without what the pattern finds."""
    if isinstance(value, str):
        return pattern.sub(of_cases.ERASED, value)
    if isinstance(value, list):
        return [_without(one, pattern) for one in value]
    if isinstance(value, dict):
        return {_without(key, pattern): _without(one, pattern) for key, one in value.items()}
    return value


def _sweep_raw(values: Sequence[str], pattern: re.Pattern[str]) -> None:
    """Raw letters of other people in which they stand as on copy, or are quoted."""
    holds = models.Q()
    for value in values:
        for name in ("sender", "to", "cc", "text", "html"):
            holds |= models.Q(**{f"{name}__icontains": value})
    messages = MailContent.objects.filter(holds).values("message")
    raw = re.compile(pattern.pattern.encode(), re.IGNORECASE)
    for mail in InboundMail.objects.filter(message__in=messages):
        mail.raw = raw.sub(of_cases.ERASED.encode(), bytes(mail.raw))
        mail.save(update_fields=["raw"])


def _log(customer: Customer, by: User, what: str) -> None:
    people = Customer.objects.filter(pk=customer.pk)
    LogEntry.objects.log_actions(by.pk, people, CHANGE, change_message=what, single_object=True)
