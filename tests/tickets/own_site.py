"""A site of its own for commands that run as processes: a database in a folder, seen from outside."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_MANAGE = [sys.executable, str(Path(__file__).parents[2] / "manage.py")]


class OwnSite:
    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self._environment = os.environ | {
            "SVAR_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "helpcenter.settings", "DEBUG": "1", "DATABASE_URL": "",
            "REDIS_URL": "", "SEARCH_INDEX": "", "CASE_INDEX": "",
        } | settings  # fmt: skip
        subprocess.run([*_MANAGE, "migrate", "-v0"], env=self._environment, check=True)

    @contextmanager
    def running(self, *command: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
        """The command as a process, ended with the block where it has not ended by itself."""
        process = subprocess.Popen([*_MANAGE, *command], env=self._environment | settings)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)

    def ask(self, sql: str) -> list[Any]:
        with sqlite3.connect(self.folder / "svar.sqlite3", timeout=20) as database:
            return database.execute(sql).fetchall()
