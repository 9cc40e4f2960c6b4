"""One change to many cases: the worker does it case by case, each in a transaction with the count of what is done.

So a case is changed once however often the job is started, whether its worker died or two have it at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from knowledge.background import enqueue, enqueue_on_commit
from tickets.errors import TicketError
from tickets.models import BulkJob, Ticket
from tickets.services.bulk_actions import ACTIONS, Values

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

logger = logging.getLogger(__name__)
MOST_CASES = 5000
# A job that has not moved for so long has lost its worker.
STUCK_AFTER = timedelta(seconds=60)
_GOING_ON = (BulkJob.Status.WAITING, BulkJob.Status.RUNNING)


@transaction.atomic
def start(user: User, action: str, ticket_ids: Iterable[int], values: Values) -> BulkJob:
    """Hands a change of many cases to the worker; `values` are what the action asks for, checked by its form.

    Cases that the user may not see are left out. Raises TicketError for none, for too many, for no such action.
    """
    from tickets.tasks import run_bulk_job

    if action not in ACTIONS:
        raise TicketError(_("That cannot be done with many cases at a time."))
    wanted = list(dict.fromkeys(ticket_ids))
    if len(wanted) > MOST_CASES:
        raise TicketError(_("At most %(limit)s cases at a time. Narrow the list first.") % {"limit": MOST_CASES})
    visible = set(Ticket.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))
    numbers = [number for number in wanted if number in visible]
    if not numbers:
        raise TicketError(_("Choose at least one case."))
    job = BulkJob.objects.create(user=user, action=action, values=dict(values), ticket_ids=numbers)
    enqueue_on_commit(run_bulk_job, str(job.pk))
    return job


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
        try:
            with transaction.atomic():
                ACTIONS[job.action].apply(ticket, user, job.values)
        except TicketError as error:
            return [str(ticket.reference), str(error)]
        except Exception:
            # Whatever it is, the other cases are not to wait for it for ever.
            logger.exception("Case %s could not be changed by job %s.", ticket.reference, job.pk)
            return [str(ticket.reference), _("Something went wrong. The log says what.")]
    return None


@transaction.atomic
def stop(job: BulkJob) -> None:
    """No further case is touched; what is done stays done."""
    BulkJob.objects.filter(pk=job.pk, status__in=_GOING_ON).update(
        status=BulkJob.Status.STOPPED, updated_at=timezone.now()
    )


def sweep() -> int:
    """Starts again the jobs that have lost their worker."""
    from tickets.tasks import run_bulk_job

    stuck = BulkJob.objects.filter(status__in=_GOING_ON, updated_at__lt=timezone.now() - STUCK_AFTER)
    numbers = list(stuck.values_list("pk", flat=True))
    for number in numbers:
        enqueue(run_bulk_job, str(number))
    return len(numbers)
