"""A whole Svar of its own, started as a user starts it: web server, worker with beat, database, index, mail files."""

from __future__ import annotations

import email
import email.policy
import fcntl
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.processes import free_port, until

ROOT = Path(__file__).resolve().parents[2]
CASE = re.compile(r"/cases/SV-\d+/")
_START_SECONDS = 240


PREPARE = "from helpcenter.preparation import prepare; prepare(print)"


def prepared_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """A new folder with the demo's database, index and model in it.

    The demo is made once, by the first that asks among the processes of this run, and copied for each site.
    """
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made, ready = shared / "prepared", shared / "prepared.ready"
    with (shared / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            made.mkdir()
            Site(made).manage("shell", "--verbosity", "0", "-c", PREPARE)
            ready.touch()
    folder = factory.mktemp(name)
    shutil.copytree(made, folder, dirs_exist_ok=True)
    return folder


class Site:
    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
            "DEBUG": "1",
            "SVAR_VAR": str(folder),
            "SEARCH_INDEX": str(folder / "index"),
            "CASE_INDEX": str(folder / "case-index"),
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "SITE_URL": self.url,
            "RATELIMIT": "0",
            "LOG_LEVEL": "WARNING",
            # Who is held out is decided by chance.
            "HOLDOUT_SHARE": "0",
            **environment,
        }
        self._log = (folder / "serve.log").open("w")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=self.environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        until(self.answers, seconds=_START_SECONDS, what="the start")

    def answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError((self.folder / "serve.log").read_text())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
        self._log.close()

    def restart(self, **environment: str) -> None:
        """The same site again, with something else in its environment."""
        self.stop()
        self.environment |= environment
        self._log = (self.folder / "serve.log").open("a")
        self.start()

    def manage(self, *arguments: str, stdin: bytes | None = None) -> str:
        """Runs a command of the product beside the running site; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            timeout=_START_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
        return done.stdout.decode()

    def letters_to(self, address: str) -> list[EmailMessage]:
        """The mails that the worker has delivered into files, oldest first."""
        letters = []
        for file in sorted((self.folder / "mail").glob("*.log"), key=lambda path: path.stat().st_mtime_ns):
            for raw in re.split(rb"\n-{79}\n", file.read_bytes()):
                if raw.strip():
                    letter = email.message_from_bytes(raw.lstrip(), policy=email.policy.default)
                    assert isinstance(letter, EmailMessage)
                    if address in str(letter["To"]):
                        letters.append(letter)
        return letters
