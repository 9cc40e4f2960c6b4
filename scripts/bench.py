"""Measures what customers wait for, over HTTP against a real web server with data of its own.

Prints one JSON object a line. Times are what a client on the same machine sees, from sending to the last byte.
The first request of a kind after the start, when nothing is in memory yet, has a line of its own.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]
LANGUAGES = ("en", "sv", "nb", "da")
_SAMPLE = 200


@dataclass(frozen=True)
class Text:
    language: str
    title: str
    body: str


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: str | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder of articles_<language>.jsonl; default: the demo content")
    parser.add_argument("--requests", type=int, default=300, help="requests of each kind")
    options = parser.parse_args()
    if options.data and not list(options.data.glob("articles*.jsonl")):
        sys.exit(f"{options.data} holds no articles*.jsonl.")
    with tempfile.TemporaryDirectory(prefix="svar-bench-") as folder:
        environment = _environment(Path(folder))
        texts = _load(environment, options.data)
        with _web_server(environment) as port:
            for name, requests in _kinds(texts, options.requests):
                first, _ = _send_all(port, requests[:1])
                _print(bench=f"{name}, first", texts=len(texts), ms=round(first[0] * 1000, 1))
                for clients in (1, 4):
                    _print(bench=name, texts=len(texts), **measure(port, requests[1:], clients))


def _environment(folder: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    used = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL", "SEARCH_INDEX")}
    return used | {"DEBUG": "1", "SVAR_VAR": str(folder), "PORT": port, "RATELIMIT": "0", "LOG_LEVEL": "ERROR"}


def _load(environment: dict[str, str], data: Path | None) -> list[Text]:
    """Fills the site and measures that; returns what it now holds."""
    if data is None:
        _timed("set up with the demo", environment, "prepare")
    else:
        _manage(environment, "migrate", "-v", "0")
        for path in sorted(data.glob("articles*.jsonl")):
            language = path.stem.rpartition("_")[2]
            command = ["import_articles", str(path), "--lang", language if language in LANGUAGES else "en", "--publish"]
            _timed(f"import {path.name}", environment, *command)
    _timed("rebuild the index", environment, "rebuild_index")
    with tempfile.TemporaryDirectory() as folder:
        _manage(environment, "export_articles", folder)
        return [_read(path) for path in sorted(Path(folder).rglob("*.md"))]


def _read(path: Path) -> Text:
    head, _, body = path.read_text().removeprefix("---\n").partition("\n---\n")
    title = re.search(r"^title:\s*(.+)$", head, re.MULTILINE)
    return Text(
        path.parent.name if path.parent.name in LANGUAGES else "en", title[1].strip("'\"") if title else "", body
    )


def _kinds(texts: Sequence[Text], count: int) -> Iterator[tuple[str, list[Request]]]:
    """What customers do, made of the words of the articles; the same at each run."""
    chance = random.Random(7)  # noqa: S311 (a repeatable choice, no secret)
    sample = chance.sample(texts, min(_SAMPLE, len(texts)))
    yield "as you type", [_typed(chance.choice(sample), chance) for _ in range(count)]
    yield "search page", [_searched(chance.choice(sample), chance) for _ in range(count)]
    yield "suggestions", [_asked(chance.choice(sample)) for _ in range(count)]


def _typed(text: Text, chance: random.Random) -> Request:
    words = text.title[: chance.randint(3, 20)]
    return Request("GET", "/api/v1/search/?" + urlencode({"q": words, "lang": text.language, "limit": 5}))


def _searched(text: Text, chance: random.Random) -> Request:
    words = text.title.split()
    start = chance.randrange(max(1, len(words) - 2))
    return Request("GET", f"/{text.language}/search/?" + urlencode({"q": " ".join(words[start : start + 3])}))


def _asked(text: Text) -> Request:
    story = f"{text.title}. {' '.join(text.body.split())[:300]}"
    return Request("POST", "/api/v1/suggestions/", json.dumps({"text": story, "lang": text.language}))


def measure(port: int, requests: Sequence[Request], clients: int) -> dict[str, Any]:
    """Sends the requests over so many connections, each client the next as soon as it has its answer."""
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        parts = list(pool.map(lambda n: _send_all(port, requests[n::clients]), range(clients)))
    took = time.perf_counter() - started
    times = sorted(one for part, _ in parts for one in part)
    return {
        "clients": clients,
        "requests": len(times),
        "errors": sum(errors for _, errors in parts),
        "p50_ms": round(times[len(times) // 2] * 1000, 1),
        "p95_ms": round(times[int(len(times) * 0.95)] * 1000, 1),
        "max_ms": round(times[-1] * 1000, 1),
        "per_second": round(len(times) / took, 1),
    }


def _send_all(port: int, requests: Sequence[Request]) -> tuple[list[float], int]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    times, errors = [], 0
    for request in requests:
        headers = {"Content-Type": "application/json"} if request.body else {}
        started = time.perf_counter()
        connection.request(request.method, request.path, request.body, headers)
        response = connection.getresponse()
        response.read()
        times.append(time.perf_counter() - started)
        errors += response.status != 200
    connection.close()
    return times, errors


@contextmanager
def _web_server(environment: dict[str, str]) -> Iterator[int]:
    port = int(environment["PORT"])
    server = subprocess.Popen([*MANAGE, "serve", "--part", "web", "--tied", str(os.getpid())], env=environment)
    try:
        _until(lambda: server.poll() is not None or _listens(port))
        yield port
    finally:
        server.terminate()
        server.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)


def _manage(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run([*MANAGE, *arguments], env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr[-2000:])


def _timed(name: str, environment: dict[str, str], *arguments: str) -> None:
    started = time.perf_counter()
    _manage(environment, *arguments)
    _print(bench=name, seconds=round(time.perf_counter() - started, 2))


def _print(**values: object) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
