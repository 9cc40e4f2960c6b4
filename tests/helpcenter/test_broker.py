"""The embedded broker: nothing is lost when a worker is killed, and nobody reads half a message."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings

from helpcenter.broker import Folder
from tests.processes import gone, lines_of, until


def _message(tag: str) -> dict[str, object]:
    return {"properties": {"delivery_tag": tag}, "body": tag}


class TestFolder:
    def test_messages_come_in_the_order_in_which_they_were_put(self, tmp_path: Path) -> None:
        folder = Folder(tmp_path)
        for tag in ("c", "a", "b"):
            folder.put("mail", tag, _message(tag))
        assert [folder.take("mail")[1]["body"] for _ in range(3)] == ["c", "a", "b"]
        assert folder.take("mail") is None

    def test_queues_are_apart(self, tmp_path: Path) -> None:
        folder = Folder(tmp_path)
        folder.put("mail", "a", _message("a"))
        assert folder.take("slow") is None
        assert folder.size("mail") == 1

    def test_a_message_that_was_given_back_is_the_first_again(self, tmp_path: Path) -> None:
        folder = Folder(tmp_path)
        folder.put("mail", "a", _message("a"))
        folder.put("mail", "b", _message("b"))
        taken, _ = folder.take("mail")
        folder.give_back(taken)
        assert folder.take("mail")[1]["body"] == "a"

    def test_recovering_puts_back_what_a_dead_worker_held(self, tmp_path: Path) -> None:
        folder = Folder(tmp_path)
        folder.put("mail", "a", _message("a"))
        folder.take("mail")
        assert folder.take("mail") is None
        assert Folder(tmp_path).recover("slow") == 0
        assert Folder(tmp_path).recover("mail") == 1
        assert folder.take("mail")[1]["body"] == "a"

    def test_a_damaged_message_is_set_aside_and_the_next_one_taken(self, tmp_path: Path) -> None:
        folder = Folder(tmp_path)
        folder.put("mail", "a", _message("a"))
        folder.put("mail", "b", _message("b"))
        first = min((tmp_path / "queues" / "mail").iterdir())
        first.write_text("")
        assert folder.take("mail")[1]["body"] == "b"
        assert (tmp_path / "unreadable" / "mail" / first.name).exists()

    def test_purging_empties_one_queue(self, tmp_path: Path) -> None:
        folder = Folder(tmp_path)
        folder.put("mail", "a", _message("a"))
        folder.put("slow", "b", _message("b"))
        assert folder.purge("mail") == 1
        assert (folder.size("mail"), folder.size("slow")) == (0, 1)


@pytest.fixture
def publisher(tmp_path: Path) -> Celery:
    """Another process's view of the broker: publishes by task name."""
    app = Celery("publisher", set_as_current=False)
    app.config_from_object("helpcenter.celeryconfig")
    app.conf.broker_url = "svarfile://"
    app.conf.broker_transport_options = {"folder": str(tmp_path / "var" / "broker")}
    return app


StartWorker = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[StartWorker]:
    """Starts a real worker on an embedded broker of its own; what is left of it is killed at the end."""
    started: list[subprocess.Popen[str]] = []
    environment = {
        **{key: value for key, value in os.environ.items() if key not in ("REDIS_URL", "DATABASE_URL")},
        "DEBUG": "1",
        "SVAR_VAR": str(tmp_path / "var"),
        "LOG_LEVEL": "INFO",
        "DJANGO_SETTINGS_MODULE": "helpcenter.settings",
    }

    def start() -> subprocess.Popen[str]:
        log = (tmp_path / "worker.log").open("a")
        command = [sys.executable, "-m", "celery", "-A", "tests.helpcenter.broker_app", "worker"]
        process = subprocess.Popen(
            [*command, "--concurrency", "2", "--loglevel", "INFO"],
            cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.services
class TestWorker:
    def test_tasks_of_a_killed_worker_run_again_and_its_children_end_with_it(
        self, tmp_path: Path, publisher: Celery, start_worker: StartWorker
    ) -> None:
        publisher.send_task("probe.hold", [str(tmp_path)], queue="slow")
        worker = start_worker()
        child = int(until(lambda: lines_of(tmp_path / "started"))[0])

        worker.kill()
        until(lambda: gone(child))
        (tmp_path / "release").touch()
        start_worker()

        until(lambda: lines_of(tmp_path / "done"))
        assert len(lines_of(tmp_path / "started")) == 2
        # The acknowledged message is gone for good.
        until(lambda: not list((tmp_path / "var" / "broker").glob("*/*/*.json")))

    def test_the_task_of_a_killed_child_runs_again(
        self, tmp_path: Path, publisher: Celery, start_worker: StartWorker
    ) -> None:
        publisher.send_task("probe.hold", [str(tmp_path)], queue="default")
        start_worker()
        child = int(until(lambda: lines_of(tmp_path / "started"))[0])
        os.kill(child, signal.SIGKILL)
        (tmp_path / "release").touch()
        until(lambda: lines_of(tmp_path / "done"), seconds=30)

    def test_a_delayed_task_survives_the_worker_that_held_it(
        self, tmp_path: Path, publisher: Celery, start_worker: StartWorker
    ) -> None:
        due = time.time() + 6
        publisher.send_task("probe.note", [str(tmp_path)], queue="mail", countdown=6)
        worker = start_worker()
        until(lambda: list((tmp_path / "var" / "broker" / "unacked" / "mail").glob("*.json")))
        worker.kill()
        start_worker()
        done = until(lambda: lines_of(tmp_path / "done"))
        assert len(done) == 1
        assert float(done[0]) >= due

    def test_a_failed_task_is_tried_again_after_its_delay(
        self, tmp_path: Path, publisher: Celery, start_worker: StartWorker
    ) -> None:
        publisher.send_task("probe.fail_once", [str(tmp_path)], queue="index")
        start_worker()
        done = until(lambda: lines_of(tmp_path / "done"))
        tried = lines_of(tmp_path / "tried")
        assert len(tried) == 2
        assert float(done[0]) - float(tried[0]) >= 1

    def test_a_message_reaches_its_own_queue_only_once(self, tmp_path: Path, publisher: Celery) -> None:
        folder = Folder(tmp_path / "var" / "broker")
        publisher.send_task("probe.note", [str(tmp_path)], queue="mail")
        assert {queue: folder.size(queue) for queue in ("default", "mail", "index", "slow")} == {
            "default": 0, "mail": 1, "index": 0, "slow": 0,
        }  # fmt: skip

    def test_a_second_worker_is_turned_away_in_one_sentence(self, tmp_path: Path, start_worker: StartWorker) -> None:
        start_worker()
        until(lambda: "ready" in (tmp_path / "worker.log").read_text())
        assert start_worker().wait(30) != 0
        said = (tmp_path / "worker.log").read_text()
        assert "has room for one" in said
        assert "Traceback" not in said
