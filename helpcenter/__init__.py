import os

# Before any library reads it: the threads of one computation wait for each other in loops, at the cost of all others.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from helpcenter.celery import app as celery_app

__all__ = ["celery_app"]
