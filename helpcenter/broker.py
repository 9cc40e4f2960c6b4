"""The embedded broker: a kombu transport on a folder, for one machine, that a killed worker cannot rob.

Each message is a file. It is written under another name and then renamed, so nobody reads half of it. Taking
it renames it into `unacked/`; only the acknowledgement removes it. What a dead worker held lies there until
the next one starts and puts it back, ETA and retries included. That holds for one worker a queue only, so a worker
keeps a lock on each of its queues for as long as it lives.

The files are not forced to the disk: after a power cut the sweepers find the work again in the database.
"""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import virtual
from kombu.utils.json import dumps, loads

from helpcenter.processes import claim

logger = logging.getLogger(__name__)

Payload = dict[str, Any]


class Folder:
    """The files of the broker: `queues/<queue>/` waits, `unacked/<queue>/` is being worked on."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        self.incoming = self.root / "incoming"
        self.incoming.mkdir(parents=True, exist_ok=True)

    def put(self, queue: str, tag: str, payload: Payload) -> None:
        """Adds a message; visible at once and whole."""
        # The time in front makes the order of names the order of arrival.
        name = f"{time.time_ns():020d}-{tag}.json"
        unfinished = self.incoming / name
        unfinished.write_text(dumps(payload))
        unfinished.rename(self._inside("queues", queue) / name)

    def take(self, queue: str) -> tuple[Path, Payload] | None:
        """The oldest message and the file that holds it until it is done; None when there is none."""
        waiting, working = self._inside("queues", queue), self._inside("unacked", queue)
        for name in sorted(os.listdir(waiting)):
            taken = working / name
            try:
                (waiting / name).rename(taken)
                return taken, loads(taken.read_text())
            except FileNotFoundError:  # withdrawn by a purge in this moment
                continue
            except ValueError:  # a power cut can leave an empty file behind
                logger.exception("The message %s cannot be read and is set aside.", name)
                taken.rename(self._inside("unreadable", queue) / name)
        return None

    def give_back(self, taken: Path) -> None:
        """Puts a message that was taken back to its place in the queue."""
        try:
            taken.rename(self._inside("queues", taken.parent.name) / taken.name)
        except FileNotFoundError:
            logger.debug("%s was done in the meantime.", taken.name)

    def recover(self, queue: str) -> int:
        """Puts back all that a dead worker held of a queue. Only for whoever holds its lock. Returns how many."""
        held = sorted(self._inside("unacked", queue).glob("*.json"))
        for taken in held:
            self.give_back(taken)
        return len(held)

    def size(self, queue: str) -> int:
        return len(os.listdir(self._inside("queues", queue)))

    def purge(self, queue: str) -> int:
        waiting = list(self._inside("queues", queue).iterdir())
        for path in waiting:
            path.unlink(missing_ok=True)
        return len(waiting)

    def lock(self, queue: str) -> bool:
        """Claims a queue for this worker until it ends. False when another worker has it."""
        return claim(self.root / f"{queue}.lock") is not None

    def _inside(self, kind: str, queue: str) -> Path:
        path = self.root / kind / queue
        path.mkdir(parents=True, exist_ok=True)
        return path


class QoS(virtual.QoS):
    """Acknowledging a message removes its file."""

    channel: Channel

    def ack(self, delivery_tag: str) -> None:
        self.channel.done(delivery_tag)
        super().ack(delivery_tag)


class Channel(virtual.Channel):
    QoS = QoS

    def __init__(self, connection: Any, **options: Any) -> None:
        super().__init__(connection, **options)
        self.folder = Folder(connection.client.transport_options["folder"])
        self._taken: dict[str, Path] = {}

    def done(self, delivery_tag: str) -> None:
        if taken := self._taken.pop(delivery_tag, None):
            taken.unlink(missing_ok=True)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        super().basic_reject(delivery_tag, requeue=requeue)
        self.done(delivery_tag)

    def _put(self, queue: str, message: Payload, **options: Any) -> None:
        self.folder.put(queue, message["properties"]["delivery_tag"], message)

    def _get(self, queue: str, timeout: float | None = None) -> Payload:
        found = self.folder.take(queue)
        if found is None:
            raise Empty
        taken, payload = found
        self._taken[payload["properties"]["delivery_tag"]] = taken
        return payload

    def _restore(self, message: Any) -> None:
        """What was taken and not done goes back, at shutdown or when the process that worked on it died."""
        if taken := self._taken.pop(message.delivery_tag, None):
            self.folder.give_back(taken)

    def _size(self, queue: str) -> int:
        return self.folder.size(queue)

    def _purge(self, queue: str) -> int:
        return self.folder.purge(queue)


class Transport(virtual.Transport):
    """`svarfile://`; needs the transport option `folder`."""

    Channel = Channel
    polling_interval = 0.1
    driver_type = driver_name = "svarfile"
    # Without a server there is no host to name; kombu's default would warn that none was given.
    default_connection_params: dict[str, Any] = {}

    def drain_events(self, connection: Any, timeout: float | None = None, **options: Any) -> None:
        # The worker looks for signals between calls, and calls twice more before it stops: short calls end soon.
        super().drain_events(connection, timeout=min(timeout, 0.3) if timeout else timeout, **options)

    def driver_version(self) -> str:
        return "1"
