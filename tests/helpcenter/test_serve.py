"""`manage.py serve`: all of it comes up, stays up, and ends without a trace."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from helpcenter.supervisor import Child
from tests.processes import free_port, gone, until

pytestmark = pytest.mark.services


def descendants(pid: int) -> set[int]:
    """All processes below this one, without it."""
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found |= {child} | descendants(child)
    return found


_NOT_HANDED_ON = ("DATABASE_URL", "REDIS_URL", "LOG_LEVEL")


class Installation:
    """A production-like Svar on its own port and folder."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.log = folder / "log"
        self.var = folder / "var"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON},
            "DJANGO_SETTINGS_MODULE": "helpcenter.settings",
            "DEBUG": "0",
            "SECRET_KEY": "x" * 50,
            "ALLOWED_HOSTS": "help.example.com",
            "SEARCH_INDEX": str(self.var / "index"),
            "CASE_INDEX": str(self.var / "case-index"),
            "SVAR_VAR": str(self.var),
            "PORT": str(self.port),
        }  # fmt: skip
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> subprocess.Popen[str]:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"], cwd=settings.BASE_DIR, env=self.environment,
            stdout=self.log.open("a"), stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        return self.process

    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def started(self) -> subprocess.Popen[str]:
        process = self.start()
        until(lambda: "Svar is running" in self.said() or process.poll() is not None, seconds=60)
        assert process.poll() is None, self.said()
        return process

    def health(self) -> int:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/healthz", headers={"Host": "help.example.com"})
        with urllib.request.urlopen(request, timeout=20) as response:
            return int(response.status)


@pytest.fixture
def svar(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path)
    yield installation
    if installation.process is not None and installation.process.poll() is None:
        installation.process.kill()
        installation.process.wait()


def _part(svar: Installation, name: str) -> int:
    """The process that runs a part, straight below the supervisor."""
    assert svar.process is not None
    children = Path(f"/proc/{svar.process.pid}/task/{svar.process.pid}/children").read_text().split()
    return next(int(pid) for pid in children if f"\0{name}" in Path(f"/proc/{pid}/cmdline").read_text())


def _whole(svar: Installation, process: subprocess.Popen[str]) -> set[int]:
    """Waits until pools and beat are there: web, worker, two children, beat, indexer, its child."""
    return until(lambda: below if len(below := descendants(process.pid)) >= 7 else None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_it_leaves_no_process_behind(svar: Installation, number: signal.Signals) -> None:
    process = svar.started()
    below = _whole(svar, process)
    os.kill(process.pid, number)
    code = process.wait(30)
    until(lambda: all(gone(pid) for pid in below))
    assert "Traceback" not in svar.said()
    if number != signal.SIGKILL:
        assert code == 0
        assert "Svar has stopped." in svar.said()


def test_parts_that_die_are_started_again_and_said(svar: Installation) -> None:
    process = svar.started()
    _whole(svar, process)
    names = ("web", "worker", "indexer")
    before = {_part(svar, name) for name in names}
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    # The supervisor holds the socket: a caller waits for the new web server instead of being refused.
    assert svar.health() == 200
    _whole(svar, process)
    assert {_part(svar, name) for name in names}.isdisjoint(before)
    for name in ("web server", "worker", "indexer"):
        assert f"The {name} ended (killed by signal 9)" in svar.said()


def test_the_worker_takes_what_the_site_queues(svar: Installation) -> None:
    svar.started()
    code = "from knowledge.tasks import index_pending; index_pending.delay()"
    queue = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
        cwd=settings.BASE_DIR, env=svar.environment, check=True, capture_output=True,
    )  # fmt: skip
    assert queue.stderr == b""
    until(lambda: not list((svar.var / "broker").glob("*/index/*.json")))
    # What the health checks of docker-compose.yml look at.
    until(lambda: (svar.var / "last-task-index").exists())
    assert not list((svar.var / "broker").glob("unreadable/*"))


def test_a_port_in_use_is_one_sentence(svar: Installation) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", svar.port))
        other.listen()
        assert svar.start().wait(30) != 0
    assert svar.said().strip() == (
        f"CommandError: Port {svar.port} on 127.0.0.1 is in use. Stop what uses it, "
        f"or choose another: make run PORT={svar.port + 1}"
    )


def test_a_second_one_on_the_same_data_is_refused(svar: Installation) -> None:
    svar.started()
    svar.environment["PORT"] = str(free_port())
    second = subprocess.run(
        [sys.executable, "manage.py", "serve"], cwd=settings.BASE_DIR, env=svar.environment,
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert second.returncode != 0
    assert "Svar already runs with the data in" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1


def test_a_process_that_keeps_ending_is_started_at_growing_distances() -> None:
    said: list[str] = []
    child = Child("worker", [sys.executable, "-c", "raise SystemExit(3)"])
    pauses, now = [], 0.0
    for _ in range(7):
        child.look_after(now, said.append)
        until(lambda: not child.is_running)
        child.look_after(now, said.append)
        pauses.append(int(said[-1].rsplit(" ", 2)[1]))
        now += pauses[-1]
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert said[0] == "The worker ended (exit code 3). It starts again in 1 s."


def test_a_process_that_ran_for_long_is_started_at_once_again() -> None:
    said: list[str] = []
    child = Child("worker", [sys.executable, "-c", "pass"])
    for now in (0.0, 100.0):
        child.look_after(now, said.append)
        until(lambda: not child.is_running)
        child.look_after(now + 90, said.append)
    assert [line.rsplit(" ", 2)[1] for line in said] == ["1", "1"]
