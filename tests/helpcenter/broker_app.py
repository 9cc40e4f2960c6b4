"""The real worker with a few tasks whose course can be watched from outside, by what they write to files."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from helpcenter.celery import app


def _note(path: Path, line: str) -> None:
    with path.open("a") as file:
        file.write(f"{line}\n")


@app.task(name="probe.hold")
def hold(folder: str) -> None:
    """Runs until somebody puts a file named `release` there."""
    _note(Path(folder, "started"), str(os.getpid()))
    while not Path(folder, "release").exists():
        time.sleep(0.05)
    _note(Path(folder, "done"), str(os.getpid()))


@app.task(name="probe.note")
def note(folder: str) -> None:
    _note(Path(folder, "done"), str(time.time()))


@app.task(name="probe.fail_once", bind=True)
def fail_once(self: Any, folder: str) -> None:
    _note(Path(folder, "tried"), str(time.time()))
    if self.request.retries == 0:
        raise self.retry(countdown=1)
    _note(Path(folder, "done"), str(time.time()))
