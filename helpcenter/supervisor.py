"""Keeps the processes of one installation running together: none runs alone, none is left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence

_GRACE_SECONDS = 15
_SAME_SIGNAL_SECONDS = 1
_LONGEST_PAUSE_SECONDS = 30
_STEADY_AFTER_SECONDS = 60


class Child:
    """One process that is started again when it ends, after a pause that grows while it keeps ending."""

    def __init__(self, name: str, command: Sequence[str], *, pass_fds: Sequence[int] = ()) -> None:
        self.name = name
        self.restarts = 0
        self._command = command
        self._pass_fds = pass_fds
        self._process: subprocess.Popen[bytes] | None = None
        self._start_at = 0.0
        self._started_at = 0.0

    def look_after(self, now: float, say: Callable[[str], None]) -> None:
        """Starts the process when it is time to; notices its end."""
        if self._process is None:
            if now >= self._start_at:
                self._start(now)
            return
        code = self._process.poll()
        if code is None:
            return
        self.end()
        if now - self._started_at > _STEADY_AFTER_SECONDS:
            self.restarts = 0
        self.restarts += 1
        pause = min(2 ** (self.restarts - 1), _LONGEST_PAUSE_SECONDS)
        self._start_at = now + pause
        say(f"The {self.name} ended ({_how(code)}). It starts again in {pause} s.")

    def _start(self, now: float) -> None:
        # A session of its own: Ctrl-C reaches the supervisor alone, which then ends each process in order.
        self._process = subprocess.Popen(  # noqa: S603 (our own command line)
            self._command, pass_fds=self._pass_fds, start_new_session=True, stdin=subprocess.DEVNULL
        )
        self._started_at = now

    def ask_to_stop(self) -> None:
        if self._process is not None and self.is_running:
            self._process.terminate()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def end(self) -> None:
        """Kills what is left of it, and of what it started: the group outlives its leader where a child hangs."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None


def _how(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


class Supervisor:
    """Runs children until it is told to stop by SIGINT, SIGTERM or SIGHUP; a second signal makes it hurry."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.children = children
        self._say = say
        self._wake = threading.Event()
        self._told_at: float | None = None
        self._is_in_a_hurry = False

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, *_: object) -> None:
        now = time.monotonic()
        # make and the terminal may both pass on the same Ctrl-C: only a later signal means impatience.
        self._is_in_a_hurry = self._told_at is not None and now - self._told_at > _SAME_SIGNAL_SECONDS
        self._told_at = self._told_at or now
        self._wake.set()

    def run(self, each_round: Callable[[], bool]) -> None:
        """Looks after the children until a signal comes or `each_round` says False; then ends them all."""
        try:
            while self._told_at is None:
                now = time.monotonic()
                for child in self.children:
                    child.look_after(now, self._say)
                if not each_round():
                    break
                self._wake.wait(0.2)
        finally:
            self._stop()

    def _stop(self) -> None:
        """Asks all, waits for each while there is time, and ends what is left."""
        deadline = time.monotonic() + _GRACE_SECONDS
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            while child.is_running and not self._is_in_a_hurry and time.monotonic() < deadline:
                time.sleep(0.05)
            child.end()
