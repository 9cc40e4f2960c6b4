"""The background worker: what runs at which beat, and how its processes live and die."""

import os
import signal
from pathlib import Path
from typing import Any

from celery import Celery, signals
from celery.schedules import crontab
from django.conf import settings

from helpcenter.processes import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpcenter.settings")

app = Celery("svar")
app.config_from_object("helpcenter.celeryconfig")
app.autodiscover_tasks()

# A beat that nobody took before the next one is stale: without `expires` they pile up while no worker runs.
app.conf.beat_schedule = {
    "look for two records of one customer": {
        "task": "tickets.tasks.look_for_duplicates",
        "schedule": crontab(minute=17),
        "options": {"expires": 1800},
    },
    "deliver what the outbox still holds": {
        "task": "tickets.tasks.sweep_outbox",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "deliver the webhooks that still wait": {
        "task": "tickets.tasks.sweep_webhooks",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "pass on chats that nobody has taken": {
        "task": "tickets.tasks.sweep_chats",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "look at mail that was kept and no more": {
        "task": "tickets.tasks.sweep_mail",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "note call-backs that are late": {
        "task": "tickets.tasks.note_late_callbacks",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "mend the index, and index what was missed": {
        "task": "knowledge.tasks.sweep_index",
        "schedule": 5.0,
        "options": {"expires": 30},
    },
    "index the cases that were missed": {
        "task": "tickets.tasks.sweep_case_index",
        "schedule": 5.0,
        "options": {"expires": 30},
    },
    "build the index of cases anew": {
        "task": "tickets.tasks.rebuild_case_index",
        "schedule": crontab(hour=3, minute=23),
        "options": {"expires": 6 * 3600},
    },
    "throw away drafts that nobody came back to": {
        "task": "tickets.tasks.prune_drafts",
        "schedule": crontab(hour=4, minute=9),
        "options": {"expires": 6 * 3600},
    },
    "throw away files that were sent ahead of nothing": {
        "task": "deflection.tasks.prune_uploads",
        "schedule": crontab(minute=37),
        "options": {"expires": 1800},
    },
    "throw away accounts whose code nobody entered": {
        "task": "helpcenter.accounts.tasks.purge_accounts",
        "schedule": crontab(hour=4, minute=31),
        "options": {"expires": 6 * 3600},
    },
    "measure how long people usually wait": {
        "task": "tickets.tasks.measure_waits",
        "schedule": crontab(minute=37),
        "options": {"expires": 1800},
    },
    "go on with jobs over many cases": {
        "task": "tickets.tasks.sweep_bulk_jobs",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "build the index anew, whole and in one piece": {
        "task": "knowledge.tasks.rebuild_index",
        "schedule": crontab(hour=2, minute=41),
        "options": {"expires": 6 * 3600},
    },
    "learn the site where it has changed": {
        "task": "deflection.tasks.train_matcher",
        "schedule": 5.0,
        "options": {"expires": 30},
    },
    "learn from solved cases": {
        "task": "deflection.tasks.learn_from_cases",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "gather rejections": {
        "task": "deflection.tasks.gather_rejections",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "learn what kinds of demand cases are": {
        "task": "deflection.tasks.learn_demand_types",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "learn why cases arise": {
        "task": "deflection.tasks.learn_root_causes",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "look into cases that were forgotten": {
        "task": "deflection.tasks.look_into_forgotten_cases",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "see what became of visits": {
        "task": "deflection.tasks.work_out_outcomes",
        "schedule": crontab(minute=47),
        "options": {"expires": 3600},
    },
    "forget journeys whose time is over": {
        "task": "deflection.tasks.forget_journeys",
        "schedule": crontab(hour=3, minute=47),
        "options": {"expires": 6 * 3600},
    },
    "gather content gaps": {
        "task": "deflection.tasks.find_gaps",
        "schedule": crontab(minute=17),
        "options": {"expires": 3600},
    },
}


@signals.worker_init.connect
def _claim_embedded_broker(sender: Any, **_: Any) -> None:
    """Before the first task: what the last worker held when it died goes back into its queues."""
    if not str(app.conf.broker_url).startswith("svarfile:"):
        return
    from helpcenter.broker import Folder

    folder = Folder(app.conf.broker_transport_options["folder"])
    for queue in sender.app.amqp.queues.consume_from:
        if not folder.lock(queue):
            raise SystemExit(
                f"Another worker serves the queue {queue} in {folder.root}; the embedded broker has room for one."
            )
        folder.recover(queue)


@signals.task_postrun.connect
def _note_that_work_goes_on(task: Any, **_: Any) -> None:
    """For health checks, a file a queue. `mail` and `index` are swept every few seconds: an old file tells of a
    standstill."""
    queue = (task.request.delivery_info or {}).get("routing_key") or app.conf.task_default_queue
    Path(settings.VAR_DIR, f"last-task-{queue}").touch()


@signals.worker_process_init.connect
def _pool_child_ends_with_worker(**_: Any) -> None:
    # An orphaned child would go on with a task that the next worker has been given again.
    end_with_parent(os.getppid(), signal.SIGKILL)


@signals.beat_embedded_init.connect
def _beat_ends_with_worker(**_: Any) -> None:
    end_with_parent(os.getppid(), signal.SIGKILL)
