"""Runs Svar on this machine: database, index, web server, a worker with beat, and an indexer, until Ctrl-C."""

from __future__ import annotations

import errno
import http.client
import json
import os
import socket
import sys
import warnings
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from helpcenter.demo.people import ACCOUNTS
from helpcenter.preparation import prepare
from helpcenter.processes import claim, end_with_parent
from helpcenter.supervisor import Child, Supervisor

# A web server that ends this often before it has answered once will not get better by itself.
_HOPELESS_AFTER = 3
# The longest message of a chat, in four bytes a character, with what is around it.
_LONGEST_FRAME_BYTES = 128 * 1024
_PARTS = ("web", "worker", "indexer")
# Part -> the command that it runs; each only where its setting asks for it.
_WAYS_IN = {"imap": "fetch_mail", "lmtp": "serve_lmtp"}


class Command(BaseCommand):
    help = "Starts everything: migrates, loads the demo (with DEBUG=1), serves, and runs the workers with beat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--part", choices=[*_PARTS, *_WAYS_IN], help="run this part alone, in this process")
        parser.add_argument("--tied", type=int, metavar="PID", help="end when this parent process ends")
        parser.add_argument("--fd", type=int, help="serve on this open socket (used by `serve` itself)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["tied"]:
            end_with_parent(options["tied"])
        if options["part"] == "web":
            run_web(socket.socket(fileno=options["fd"]) if options["fd"] is not None else listen())
        elif options["part"] == "worker":
            run_worker("default,mail,slow", processes=2, has_beat=True)
        elif options["part"] == "indexer":
            # Customers' pages go first.
            os.nice(5)
            run_worker("index", processes=1)
        elif options["part"]:
            call_command(_WAYS_IN[options["part"]])
        else:
            self._run_all()

    def _run_all(self) -> None:
        if claim(settings.VAR_DIR / "serve.lock") is None:
            raise CommandError(
                f"Svar already runs with the data in {settings.VAR_DIR}. Stop it first, "
                "or set SVAR_VAR to another folder to run a second one."
            )
        listener = listen()
        prepare(self._say)
        _leave_database()
        command = [sys.executable, sys.argv[0], "serve", "--tied", str(os.getpid()), "--part"]
        web = Child("web server", [*command, "web", "--fd", str(listener.fileno())], pass_fds=[listener.fileno()])
        worker = Child("worker", [*command, "worker"])
        indexer = Child("indexer", [*command, "indexer"])
        ways_in = [Child(f"mail taker ({part})", [*command, part]) for part in _ways_in_use()]
        supervisor = Supervisor([web, worker, indexer, *ways_in], self._say)
        supervisor.listen()
        has_answered = False

        def each_round() -> bool:
            nonlocal has_answered
            if not has_answered and answers():
                has_answered = True
                self._say(greeting())
            return has_answered or web.restarts < _HOPELESS_AFTER

        supervisor.run(each_round)
        if not has_answered and web.restarts >= _HOPELESS_AFTER:
            raise CommandError("The web server does not start; the lines above say why.")
        self._say("\nSvar has stopped.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _ways_in_use() -> list[str]:
    return [part for part, wanted in (("imap", settings.IMAP_URLS), ("lmtp", settings.LMTP_LISTEN)) if wanted]


def listen() -> socket.socket:
    """The socket to serve on. It stays open while the web server is started anew, so that callers just wait."""
    host, port = settings.HOST, settings.PORT
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
            0
        ]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(512)
    except OSError as error:
        raise CommandError(_why_not(error, host, port)) from error
    return listener


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use. Stop what uses it, or choose another: make run PORT={port + 1}"
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used by this account. Choose one above 1023: make run PORT=8000"
    return f"Svar cannot listen on {host}, port {port}: {error.strerror}. Check HOST and PORT."


def run_web(listener: socket.socket) -> None:
    import uvicorn

    # WhiteNoise hands files over as synchronous iterators; Django reads them in a thread, as it should.
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    if settings.WHITENOISE_USE_FINDERS:
        warnings.filterwarnings("ignore", message="No directory at")
    config = uvicorn.Config(
        "helpcenter.asgi:application",
        log_config=None,
        access_log=settings.LOG_LEVEL in ("DEBUG", "INFO"),
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=5,
        # A chat's lines are short: packing them costs more time and memory, for each socket, than it saves.
        ws_per_message_deflate=False,
        ws_max_size=_LONGEST_FRAME_BYTES,
    )
    uvicorn.Server(config).run(sockets=[listener])


def run_worker(queues: str, *, processes: int, has_beat: bool = False) -> None:
    from celery.exceptions import SecurityWarning

    from helpcenter.celery import app

    # Celery warns root because of pickled messages; ours are JSON and nothing else is accepted.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    arguments = ["-Q", queues, "--concurrency", str(processes), "--loglevel", settings.LOG_LEVEL]
    # A node name a worker: two of the same name would share what they say of themselves.
    arguments += ["--hostname", f"{queues.partition(',')[0]}@%h", *(["--beat"] if has_beat else [])]
    app.worker_main(["--quiet", "worker", *arguments])


def answers() -> bool:
    """Whether the web server answers on /healthz."""
    host = "127.0.0.1" if settings.HOST in ("0.0.0.0", "") else settings.HOST  # noqa: S104 (compared, not bound)
    name = settings.ALLOWED_HOSTS[0].lstrip(".")
    connection = http.client.HTTPConnection(host, settings.PORT, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost" if name == "*" else name})
        return bool(json.loads(connection.getresponse().read()) == {"status": "ok"})
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def greeting() -> str:
    lines = ["", f"Svar is running at {settings.SITE_URL}/ (Ctrl-C ends it)", ""]
    if settings.DEMO:
        pages = {"agent": "/desk/", "editor": "/admin/", "manager": "/reports/", "administrator": "/admin/"}
        lines += ["Demo accounts:"]
        lines += [f"  {one.email:<22}  {one.password:<14}  {pages.get(one.role, '/')}" for one in ACCOUNTS]
    return "\n".join([*lines, ""])


def _leave_database() -> None:
    """The supervisor only watches from here on: it keeps no connection and no pool."""
    for connection in connections.all():
        connection.close()
        getattr(connection, "close_pool", lambda: None)()
