"""Celery's settings: nothing is acknowledged before it is done, so a dead worker loses nothing."""

from django.conf import settings

broker_url = settings.CELERY_BROKER_URL
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True
worker_prefetch_multiplier = 1
worker_enable_remote_control = False
task_default_queue = "default"
timezone = "UTC"
broker_connection_retry_on_startup = True
task_publish_retry_policy = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2}
