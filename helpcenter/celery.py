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
    "deliver what the outbox still holds": {
        "task": "tickets.tasks.sweep_outbox",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "index what was missed": {
        "task": "knowledge.tasks.index_pending",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "gather content gaps": {
        "task": "deflection.tasks.find_gaps",
        "schedule": crontab(minute=17),
        "options": {"expires": 3600},
    },
}


@signals.worker_init.connect
def _claim_embedded_broker(**_: Any) -> None:
    """Before the first task: what the last worker held when it died goes back into its queue."""
    if not str(app.conf.broker_url).startswith("svarfile:"):
        return
    from helpcenter.broker import Folder

    folder = Folder(app.conf.broker_transport_options["folder"])
    if not folder.lock():
        raise SystemExit(f"Another worker serves {folder.root}; the embedded broker has room for one.")
    folder.recover()


@signals.task_postrun.connect
def _note_that_work_goes_on(**_: Any) -> None:
    """For health checks: the outbox is swept every 30 s, so a file older than that many times tells of a standstill."""
    Path(settings.VAR_DIR, "last-task").touch()


@signals.worker_process_init.connect
def _pool_child_ends_with_worker(**_: Any) -> None:
    # An orphaned child would go on with a task that the next worker has been given again.
    end_with_parent(os.getppid(), signal.SIGKILL)


@signals.beat_embedded_init.connect
def _beat_ends_with_worker(**_: Any) -> None:
    end_with_parent(os.getppid(), signal.SIGKILL)
