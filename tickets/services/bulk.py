"""One change to many cases: the worker does it case by case, each in a transaction with the count of what is done.

So a case is changed once however often the job is started, whether its worker died or two have it at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from knowledge.background import enqueue, enqueue_on_commit
from tickets.errors import TicketError
from tickets.models import BulkJob, HeldSend, Message, OutboxMessage, Ticket
from tickets.services import undo
from tickets.services.bulk_actions import EVERY_ACTION, TAGGING, TAKES_BACK_TAGS, Values

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

logger = logging.getLogger(__name__)
MOST_CASES = 5000
# A job that has not moved for so long has lost its worker.
STUCK_AFTER = timedelta(seconds=60)
# How long letters of a stopped job are out of the way: longer than any worker is away.
_PUT_OFF = timedelta(days=7)
_GOING_ON = (BulkJob.Status.WAITING, BulkJob.Status.RUNNING)


@transaction.atomic
def start(user: User, action: str, ticket_ids: Iterable[int], values: Values) -> BulkJob:
    """Hands a change of many cases to the worker; `values` are what the action asks for, checked by its form.

    Cases that the user may not see are left out. Raises TicketError for none, for too many, for no such action.
    """
    from tickets.tasks import run_bulk_job

    if action not in EVERY_ACTION:
        raise TicketError(_("That cannot be done with many cases at a time."))
    wanted = list(dict.fromkeys(ticket_ids))
    if len(wanted) > MOST_CASES:
        raise TicketError(_("At most %(limit)s cases at a time. Narrow the list first.") % {"limit": MOST_CASES})
    visible = set(Ticket.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))
    numbers = [number for number in wanted if number in visible]
    if not numbers:
        raise TicketError(_("Choose at least one case."))
    job = BulkJob(user=user, action=action, values=dict(values), ticket_ids=numbers)
    if action in TAGGING:
        # The history of each case says what of it came from here.
        job.values["job"] = str(job.pk)
    job.save()
    enqueue_on_commit(run_bulk_job, str(job.pk))
    return job


def can_take_tags_back(job: BulkJob) -> bool:
    """Whether it has changed tags, and that has not been taken back yet."""
    is_tagging = "job" in job.values and job.done > 0 and not job.is_going_on
    return is_tagging and not BulkJob.objects.filter(user=job.user_id, values__undoes=str(job.pk)).exists()


@transaction.atomic
def take_tags_back(job: BulkJob) -> BulkJob:
    """Hands it to the worker to undo what a job did to tags. Raises TicketError where there is nothing to undo."""
    job = BulkJob.objects.select_for_update().get(pk=job.pk)
    if not can_take_tags_back(job):
        raise TicketError(_("There is nothing here to put back."))
    return start(job.user, TAKES_BACK_TAGS.key, job.ticket_ids[: job.done], {"undoes": str(job.pk)})


def run(job_id: str) -> int:
    """Goes on with a job until it is done or stopped; returns with how many cases it has dealt now."""
    count = 0
    while _step(job_id):
        count += 1
    return count


@transaction.atomic
def _step(job_id: str) -> bool:
    """Deals with the next case; False when there is none."""
    job = BulkJob.objects.select_for_update().select_related("user").filter(pk=job_id, status__in=_GOING_ON).first()
    if job is None:
        return False
    if job.done < job.total:
        failure = _apply(job, job.ticket_ids[job.done])
        job.done += 1
        if failure:
            job.failures = [*job.failures, failure]
    is_over = job.done >= job.total
    job.status = BulkJob.Status.DONE if is_over else BulkJob.Status.RUNNING
    job.updated_at = timezone.now()
    job.save(update_fields=["done", "failures", "status", "updated_at"])
    return not is_over


def _apply(job: BulkJob, number: int) -> list[str] | None:
    """Does it with one case; what stood in the way as [reference, reason]."""
    user: User = job.user
    with translation.override(getattr(user, "language", "") or translation.get_language()):
        if not user.is_active or not user.has_perm("tickets.work_cases"):
            return [str(number), _("You may no longer work with cases.")]
        ticket = Ticket.objects.visible_to(user).select_related("customer").filter(pk=number).first()
        if ticket is None:
            return [str(number), _("The case is gone.")]
        began = timezone.now()
        try:
            with transaction.atomic():
                EVERY_ACTION[job.action].apply(ticket, user, job.values)
                _remember_held(job, ticket, began)
        except TicketError as error:
            return [str(ticket.reference), str(error)]
        except Exception:
            # Whatever it is, the other cases are not to wait for it for ever.
            logger.exception("Case %s could not be changed by job %s.", ticket.reference, job.pk)
            return [str(ticket.reference), _("Something went wrong. The log says what.")]
    return None


def _remember_held(job: BulkJob, ticket: Ticket, began: datetime) -> None:
    """What was just written in the case belongs to the job, and goes back with it."""
    ticket.held_sends.filter(user=job.user, job=None, created_at__gte=began).update(job=job)


@transaction.atomic
def stop(job: BulkJob) -> None:
    """No further case is touched, and what has not left is taken back; the rest stays done.

    The letters are put out of the way at once, all in one statement, so that none leaves while the worker undoes what
    they stood for, case by case.
    """
    from tickets.tasks import take_back_bulk_job

    now = timezone.now()
    job = BulkJob.objects.select_for_update().get(pk=job.pk)
    if not job.is_going_on and not job.held(now).exists():
        return
    job.status, job.updated_at = BulkJob.Status.STOPPED, now
    job.save(update_fields=["status", "updated_at"])
    held = list(job.held(now))
    letters = OutboxMessage.objects.filter(
        pk__in=[pk for one in held for pk in one.outbox],
        status=OutboxMessage.Status.QUEUED,
        attempts=0,
        next_attempt_at__gt=now,
    )
    letters.update(next_attempt_at=now + _PUT_OFF)
    Message.objects.filter(held_send__in=held).update(held_until=now + _PUT_OFF)
    job.held(now).update(until=now + _PUT_OFF)
    enqueue_on_commit(take_back_bulk_job, str(job.pk))


def take_back(job_id: str) -> int:
    """Undoes what a stopped job has written and not sent; returns in how many cases."""
    job = BulkJob.objects.filter(pk=job_id, status=BulkJob.Status.STOPPED).first()
    held = list(job.held(timezone.now()).order_by("pk")) if job else []
    return sum(_take_one_back(job_id, one) for one in held)


@transaction.atomic
def _take_one_back(job_id: str, held: HeldSend) -> bool:
    job = BulkJob.objects.select_for_update().select_related("user").get(pk=job_id)
    try:
        with transaction.atomic():
            undo.take_back(held, agent=job.user, keeps_text=False)
    except TicketError:
        # A worker had the letter in its hands already: it is sent, and the case stays as that left it.
        HeldSend.objects.filter(pk=held.pk).update(until=timezone.now())
        Message.objects.filter(held_send=held).update(held_until=timezone.now())
        return False
    job.taken_back = [*job.taken_back, held.ticket_id]
    job.save(update_fields=["taken_back"])
    return True


def sweep() -> int:
    """Starts again the jobs that have lost their worker."""
    from tickets.tasks import run_bulk_job, take_back_bulk_job

    now = timezone.now()
    old = BulkJob.objects.filter(updated_at__lt=now - STUCK_AFTER)
    stuck = list(old.filter(status__in=_GOING_ON).values_list("pk", flat=True))
    for number in stuck:
        enqueue(run_bulk_job, str(number))
    undone = old.filter(status=BulkJob.Status.STOPPED, held_sends__until__gt=now).distinct()
    half_undone = list(undone.values_list("pk", flat=True))
    for number in half_undone:
        enqueue(take_back_bulk_job, str(number))
    return len(stuck) + len(half_undone)
