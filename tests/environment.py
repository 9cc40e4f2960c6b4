"""What a test run needs from its machine, and what it says where something is missing.

On a developer's machine browser tests are left out, in so many words, where there is no Chromium, and those that
read a mailbox where there is no dovecot. With CI=true nothing may be left out: what is missing, or a skipped test,
fails the run.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")


def chromium() -> str | None:
    """Where Chromium is: CHROMIUM, or one of the names under which systems install it.

    The shell first: the same engine without the windows, at a third of the processor's time.
    """
    names = (
        os.environ.get("CHROMIUM", ""),
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
    )
    return next((path for name in names if name and (path := shutil.which(name))), None)


def dovecot() -> str | None:
    """Where the IMAP server is: DOVECOT, or where systems install it."""
    paths = ":".join(("/usr/sbin", "/usr/local/sbin", os.environ.get("PATH", "")))
    names = (os.environ.get("DOVECOT", ""), "dovecot")
    return next((path for name in names if name and (path := shutil.which(name, path=paths))), None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--of-the-database",
        action="store_true",
        help="leave out tests that touch no database: for a second run on another one",
    )


def _touches_database(item: pytest.Item) -> bool:
    """Whether a test may end differently on another database; processes of their own have one, too."""
    fixtures = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    marks = (item.get_closest_marker(name) for name in ("django_db", "services", "browser"))
    return bool(fixtures) or any(marks) or item.path.parent.name == "helpcenter"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "imap: needs dovecot")
    if IN_CI and dovecot() is None:
        raise pytest.UsageError(
            "CI leaves nothing out, and there is no dovecot: install dovecot-imapd, or set DOVECOT."
        )
    if IN_CI and chromium() is None:
        raise pytest.UsageError("CI leaves nothing out, and there is no Chromium: install it, or set CHROMIUM.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    browser = [item for item in items if item.get_closest_marker("browser")]
    others = [item for item in items if not item.get_closest_marker("browser")]
    if config.getoption("--of-the-database"):
        without = [item for item in others if not _touches_database(item)]
        config.hook.pytest_deselected(items=without)
        others = [item for item in others if _touches_database(item)]
    if dovecot() is None:
        without = [item for item in others if item.get_closest_marker("imap")]
        config.hook.pytest_deselected(items=without)
        others = [item for item in others if not item.get_closest_marker("imap")]
    if browser and chromium() is None:
        config.hook.pytest_deselected(items=browser)
        config.stash[_LEFT_OUT] = len(browser)
        browser = []
    items[:] = _longest_first(browser, others)


def _longest_first(browser: list[pytest.Item], others: list[pytest.Item]) -> list[pytest.Item]:
    """So nothing waits for a long one at the end. The second file is none of a browser's: while one process prepares
    the site for those, the other has something to do."""
    services = [item for item in others if item.get_closest_marker("services")]
    meanwhile = [item for item in services if item.path == services[0].path]
    first = [item for item in browser if item.path == browser[0].path]
    long = [*first, *meanwhile, *browser[len(first) :], *services[len(meanwhile) :]]
    return long + [item for item in others if item not in services]


_LEFT_OUT = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    browser_tests = config.stash.get(_LEFT_OUT, 0)
    if browser_tests or (chromium() is None and not IN_CI):
        terminalreporter.write_line(
            "Left out: the browser tests, because no Chromium was found (apt install chromium, or set CHROMIUM)."
        )

    if dovecot() is None and not IN_CI:
        terminalreporter.write_line(
            "Left out: reading mailboxes, because no dovecot was found (apt install dovecot-imapd, or set DOVECOT)."
        )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if IN_CI and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("")
        reporter.write_line("CI leaves nothing out, and tests were skipped.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = Path(os.environ.get("SVAR_VAR", ""))
    if folder.name.startswith("svar-tests-"):
        shutil.rmtree(folder, ignore_errors=True)
