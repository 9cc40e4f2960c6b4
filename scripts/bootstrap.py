"""Makes .venv from the hashed lock and compiles the message catalogues; does nothing where that is done.

Runs on a bare Python, so it imports the standard library alone. Usage: bootstrap.py run|test
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
LOCKS = {"run": ROOT / "requirements.lock", "test": ROOT / "requirements-dev.lock"}


def main(purpose: str) -> None:
    # `make run` and `make test` may be started side by side: one makes the environment, the other waits.
    folder = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    if not is_installed(purpose):
        if purpose == "run":
            refuse_used_port()
        install(purpose)
    subprocess.run([PYTHON, ROOT / "scripts" / "compile_messages.py"], check=True)


def stamp(purpose: str) -> Path:
    return ENVIRONMENT / f".svar-{purpose}"


def fingerprint(purpose: str) -> str:
    return hashlib.sha256(LOCKS[purpose].read_bytes()).hexdigest()


def is_installed(purpose: str) -> bool:
    """Whether the environment works and holds today's lock. What tests need includes what running needs."""
    enough = [purpose, "test"] if purpose == "run" else [purpose]
    held = any(stamp(one).is_file() and stamp(one).read_text() == fingerprint(one) for one in enough)
    return held and works()


def works() -> bool:
    """Whether the environment's Python still starts: an upgrade of the system may have taken it away."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    return PYTHON.exists() and subprocess.run([PYTHON, "-c", check], check=False).returncode == 0


def install(purpose: str) -> None:
    if not works() or not (ENVIRONMENT / "bin" / "pip").exists():
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        say("Creating the environment in .venv ...")
        venv.create(ENVIRONMENT, with_pip=True, symlinks=True)
    say(f"Installing the packages of {LOCKS[purpose].name}; this takes a minute, once ...")
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run([*command, "--require-hashes", "-r", str(LOCKS[purpose])], check=False)
    if done.returncode:
        sys.exit("The packages could not be installed; pip's lines above say why. Is the network there?")
    stamp(purpose).write_text(fingerprint(purpose))


def refuse_used_port() -> None:
    """Says so before the minute of installing, not after it; `manage.py serve` looks again."""
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sys.exit(f"Port {port} on {host} is in use. Stop what uses it, or choose another: make run PORT=8001")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
