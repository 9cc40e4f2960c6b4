"""The background worker: queues by urgency, and what runs at which beat."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpcenter.settings")

app = Celery("svar")
app.config_from_object("helpcenter.celeryconfig")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "deliver what the outbox still holds": {"task": "tickets.tasks.sweep_outbox", "schedule": 30.0},
    "index what was missed": {"task": "knowledge.tasks.index_pending", "schedule": 60.0},
    "gather content gaps": {"task": "deflection.tasks.find_gaps", "schedule": crontab(minute=17)},
}
