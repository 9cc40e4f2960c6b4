"""Celery's settings: nothing is acknowledged before it is done, so a dead worker loses nothing."""

from django.conf import settings
from kombu import Queue
from kombu.transport import TRANSPORT_ALIASES

TRANSPORT_ALIASES["svarfile"] = "helpcenter.broker:Transport"

broker_url = settings.CELERY_BROKER_URL
broker_transport_options = (
    # A broker that hangs may cost a page a few seconds, not the two minutes of the default. The worker's own
    # blocking reads last one second, so they fit.
    {"socket_connect_timeout": 1, "socket_timeout": 2, "socket_keepalive": True}
    if settings.REDIS_URL
    else {"folder": str(settings.CELERY_BROKER_FOLDER)}
)
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
task_publish_retry_policy = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2}

# By urgency; a worker that is told nothing else serves them all. `index` is for one process alone: one writer at a
# time, and none of its tasks waits behind slow ones (a lock in the folder of the index backs that).
task_queues = [Queue(name, routing_key=name) for name in ("default", "mail", "index", "slow")]
task_default_queue = "default"
task_routes = {
    # Other people's servers may take their time; letters must not wait for them.
    "tickets.tasks.deliver_webhook": {"queue": "slow"},
    "tickets.tasks.index_waiting_cases": {"queue": "index"},
    "tickets.tasks.index_cases_of_customer": {"queue": "index"},
    "tickets.tasks.sweep_case_index": {"queue": "index"},
    # Minutes on a large site, in which the article that was just published shall not wait.
    "tickets.tasks.repair_case_index": {"queue": "slow"},
    "tickets.tasks.look_for_duplicates": {"queue": "slow"},
    "tickets.tasks.rebuild_case_index": {"queue": "slow"},
    "tickets.tasks.measure_waits": {"queue": "slow"},
    "tickets.tasks.run_bulk_job": {"queue": "default"},
    "tickets.tasks.sweep_bulk_jobs": {"queue": "default"},
    "tickets.tasks.*": {"queue": "mail"},
    "knowledge.tasks.*": {"queue": "index"},
    # An agent may open the case any moment.
    "deflection.tasks.look_into_case": {"queue": "default"},
    "deflection.tasks.*": {"queue": "slow"},
}
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True
worker_prefetch_multiplier = 1
worker_enable_remote_control = False
worker_hijack_root_logger = False
beat_schedule_filename = str(settings.VAR_DIR / "beat-schedule")
timezone = "UTC"
