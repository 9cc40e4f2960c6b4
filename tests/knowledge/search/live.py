"""A Svar of its own for a test: real processes on a folder, one of which does on request what an editor would do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from tests.processes import free_port, until

_NOT_HANDED_ON = ("DATABASE_URL", "REDIS_URL", "LOG_LEVEL")


class LiveSite:
    """SQLite, index and broker in `folder`. `ask` reaches the editor's process (see `editor.py` beside this file)."""

    def __init__(self, folder: Path) -> None:
        self.var = folder / "var"
        self.index = self.var / "index"
        self.port = free_port()
        self.log = folder / "log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON},
            "DJANGO_SETTINGS_MODULE": "helpcenter.settings",
            "DEBUG": "1",
            "RATELIMIT": "0",
            "LOG_LEVEL": "ERROR",
            "SVAR_VAR": str(self.var),
            "SEARCH_INDEX": str(self.index),
            "CASE_INDEX": str(self.var / "case-index"),
            "PORT": str(self.port),
        }
        self._processes: list[subprocess.Popen[str]] = []
        self._editor = self._start(["-m", "tests.knowledge.search.editor"], pipes=True)

    def ask(self, what: str, **details: Any) -> Any:
        assert self._editor.stdin is not None
        assert self._editor.stdout is not None
        self._editor.stdin.write(json.dumps({"do": what, **details}) + "\n")
        self._editor.stdin.flush()
        answer = self._editor.stdout.readline()
        assert answer, f"the editor's process ended: {self.said()}"
        return json.loads(answer)

    def start(self, part: str) -> subprocess.Popen[str]:
        return self._start(["manage.py", "serve", "--part", part, "--tied", str(os.getpid())])

    def start_web(self) -> None:
        web = self.start("web")
        until(lambda: self._answers() or web.poll() is not None, seconds=60, what="an answer")
        assert web.poll() is None, self.said()

    def search(self, query: str) -> tuple[int, str]:
        """Status and page. A page of an error is returned, not raised."""
        address = f"http://127.0.0.1:{self.port}/en/search/?{urlencode({'q': query})}"
        try:
            with urllib.request.urlopen(address, timeout=20) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""

    def finds(self, query: str) -> bool:
        """Whether the index, not the database, finds something. Asked in another process than the writing one."""
        found = self.ask("search", q=query)
        return bool(found["titles"]) and not found["is_degraded"]

    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def end(self) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def _start(self, arguments: list[str], *, pipes: bool = False) -> subprocess.Popen[str]:
        log = self.log.open("a")
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=settings.BASE_DIR, env=self.environment, text=True,
            stdin=subprocess.PIPE if pipes else subprocess.DEVNULL,
            stdout=subprocess.PIPE if pipes else log, stderr=log,
        )  # fmt: skip
        self._processes.append(process)
        return process
