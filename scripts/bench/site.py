"""A Svar of its own for a measurement: its folder, its processes, and requests over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.corpus import Article
from bench.printing import show

ROOT = Path(__file__).resolve().parent.parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]
_NOT_HANDED_ON = ("DATABASE_URL", "REDIS_URL", "SEARCH_INDEX", "CASE_INDEX", "SVAR_SEMANTIC")


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: str | None = None


class Site:
    """Articles of one language in a folder of their own."""

    def __init__(self, folder: Path, language: str) -> None:
        self.folder = folder
        self.language = language
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.environment = {key: value for key, value in os.environ.items() if key not in _NOT_HANDED_ON} | {
            "DEBUG": "1",
            "SVAR_VAR": str(folder / "var"),
            "PORT": str(self.port),
            "RATELIMIT": "0",
            "LOG_LEVEL": "ERROR",
            "DEFAULT_LANGUAGE": language,
            # `python -m bench.…` in the processes of the site.
            "PYTHONPATH": os.pathsep.join([str(ROOT / "scripts"), str(ROOT)]),
            "DJANGO_SETTINGS_MODULE": "helpcenter.settings",
        }

    def load(self, articles: Sequence[Article]) -> None:
        """Fills the site by the product's own importer and builds its index; prints how long each took."""
        rows = self.folder / "articles.jsonl"
        rows.write_text("".join(json.dumps(asdict(article)) + "\n" for article in articles), encoding="utf-8")
        self._manage("migrate", "-v", "0")
        started = time.perf_counter()
        self._manage("import_articles", str(rows), "--lang", self.language, "--publish", may_refuse=True)
        show(bench="import", articles=len(articles), seconds=round(time.perf_counter() - started, 1))
        started = time.perf_counter()
        said = self._manage("rebuild_index")
        show(bench="index build", articles=len(articles), seconds=round(time.perf_counter() - started, 1), said=said)

    def migrate(self) -> None:
        self._manage("migrate", "-v", "0")

    def seed(self, cases: int) -> None:
        """Adds made-up cases."""
        self.migrate()
        started = time.perf_counter()
        self._manage("seed_load", "--tickets", str(cases), "--days", "730")
        show(bench="cases made", cases=cases, seconds=round(time.perf_counter() - started, 1))

    def _manage(self, *arguments: str, may_refuse: bool = False) -> str:
        done = subprocess.run(
            [*MANAGE, *arguments], env=self.environment, cwd=ROOT, check=False, capture_output=True, text=True
        )
        if done.returncode and not may_refuse:
            raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
        return done.stdout.strip()

    def inside(self, module: str, what: dict[str, Any], **environment: str) -> dict[str, Any]:
        """Runs a module of this package in a process of the site: JSON in, JSON out."""
        done = subprocess.run(
            [sys.executable, "-m", module], env=self.environment | environment, cwd=ROOT, check=False,
            input=json.dumps(what), capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{module} failed:\n{done.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return found

    @contextmanager
    def part(self, name: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """One part of `manage.py serve`; the web server is waited for until it answers."""
        process = subprocess.Popen(
            [*MANAGE, "serve", "--part", name, "--tied", str(os.getpid())],
            env=self.environment | environment, cwd=ROOT, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            if name == "web":
                until(lambda: process.poll() is not None or self._listens(), seconds=60)
            yield process
        finally:
            process.terminate()
            process.wait()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def typed(self, text: str) -> Request:
        query = {"q": text, "lang": self.language, "limit": 5, "typing": "1"}
        return Request("GET", f"/api/v1/search/?{urlencode(query)}")

    def searched(self, text: str) -> Request:
        return Request("GET", f"/{self.language}/search/?{urlencode({'q': text})}")

    def asked(self, text: str) -> Request:
        return Request("POST", "/api/v1/suggestions/", json.dumps({"text": text, "lang": self.language}))


class Browser:
    """One connection that keeps its cookies, as a customer's does."""

    def __init__(self, site: Site) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=300)
        self._cookies: dict[str, str] = {}

    def send(self, request: Request) -> tuple[float, bytes]:
        """Seconds from sending to the last byte, and the answer. Ends the run where it is not a good one."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if request.body:
            headers["Content-Type"] = "application/json"
        started = time.perf_counter()
        self._connection.request(request.method, request.path, request.body, headers)
        response = self._connection.getresponse()
        answer = response.read()
        took = time.perf_counter() - started
        if response.status != 200:
            raise SystemExit(f"{request.path} answered {response.status}: {answer[:300]!r}")
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return took, answer


def until(condition: Callable[[], object], *, seconds: float) -> float:
    """Seconds until the condition held; ends the run where it did not."""
    started = time.perf_counter()
    while not condition():
        if time.perf_counter() - started > seconds:
            raise SystemExit(f"It did not happen within {seconds} s.")
        time.sleep(0.01)
    return time.perf_counter() - started


def memory_mb(pid: int) -> float:
    """Resident memory of a process (Linux only)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:"))


@contextmanager
def new_site(language: str) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="svar-bench-") as folder:
        yield Site(Path(folder), language)
