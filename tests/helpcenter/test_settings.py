"""The environment is read strictly: what is missing or wrong stops the start with a sentence that says which."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

PRODUCTION = {"DEBUG": "0", "SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "help.example.com"}


def _run(tmp_path: Path, environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command], cwd=settings.BASE_DIR, check=False, capture_output=True, text=True,
        env={**clean, "ENV_FILE": os.devnull, "SVAR_VAR": str(tmp_path / "var"), **environment},
    )  # fmt: skip


def _read(tmp_path: Path, environment: dict[str, str], *names: str) -> list[object]:
    code = (
        "import json, helpcenter.settings as s;"
        f"print(json.dumps([getattr(s, name) for name in {names!r}], default=str))"
    )
    done = _run(tmp_path, environment, "-c", code)
    assert done.returncode == 0, done.stderr
    values: list[object] = json.loads(done.stdout)
    return values


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, "SECRET_KEY is not set."),
        ({"DEBUG": "0"}, "SECRET_KEY is not set."),
        ({"SECRET_KEY": "x" * 50}, "ALLOWED_HOSTS is not set."),
        ({"DEBUG": "perhaps"}, "DEBUG is 'perhaps'."),
        (PRODUCTION | {"HTTPS": "ture"}, "HTTPS is 'ture'."),
        (PRODUCTION | {"PORT": "eighty"}, "PORT is 'eighty'."),
        (PRODUCTION | {"PORT": "65536"}, "PORT is '65536'."),
        (PRODUCTION | {"DATABASE_URL": "somewhere"}, "DATABASE_URL is not understood."),
        (PRODUCTION | {"DATABASE_URL": "mysql://a:b@c/d"}, "DATABASE_URL is not understood."),
        (PRODUCTION | {"REDIS_URL": "localhost"}, "REDIS_URL is not understood."),
        (PRODUCTION | {"DEFAULT_LANGUAGE": "fi"}, "DEFAULT_LANGUAGE is 'fi'."),
        (PRODUCTION | {"TIME_ZONE": "Mars/Olympus"}, "TIME_ZONE is 'Mars/Olympus'."),
        (PRODUCTION | {"SITE_URL": "help.example.com"}, "SITE_URL is 'help.example.com'."),
        (PRODUCTION | {"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'loud'."),
        (PRODUCTION | {"SVAR_SEMANTIC": "no-such-folder"}, "SVAR_SEMANTIC is 'no-such-folder'."),
    ],
)
def test_a_wrong_setting_stops_the_start_in_one_line(
    tmp_path: Path, environment: dict[str, str], sentence: str
) -> None:
    done = _run(tmp_path, environment, "manage.py", "check")
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert lines[-1].startswith(sentence)
    assert "Traceback" not in done.stderr


class TestProduction:
    def test_it_is_closed_by_default(self, tmp_path: Path) -> None:
        assert _read(
            tmp_path, PRODUCTION, "DEBUG", "DEMO", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"
        ) == [False, False, True, True, True]

    def test_links_in_letters_lead_to_the_first_host(self, tmp_path: Path) -> None:
        assert _read(tmp_path, PRODUCTION, "SITE_URL") == ["https://help.example.com"]

    def test_djangos_own_check_for_deployment_is_content(self, tmp_path: Path) -> None:
        key = "k7Q-pX2mZ9vL4tR8sW1yB6nC3dF5gH0jTqEuAoIiMzVxKcPeW7zR2"
        done = _run(
            tmp_path, PRODUCTION | {"SECRET_KEY": key}, "manage.py", "check", "--deploy", "--fail-level", "ERROR"
        )
        assert done.returncode == 0, done.stderr
        warned = set(re.findall(r"security\.W\d+", done.stderr))
        # Subdomains and preloading are the operator's to decide: they bind other sites than this one.
        assert warned <= {"security.W005", "security.W021"}

    def test_options_of_the_database_url_are_kept(self, tmp_path: Path) -> None:
        url = "postgres://svar:pw@db:5432/svar?sslmode=require"
        [databases] = _read(tmp_path, PRODUCTION | {"DATABASE_URL": url}, "DATABASES")
        assert isinstance(databases, dict)
        assert databases["default"]["OPTIONS"] == {"sslmode": "require", "pool": {"min_size": 1, "max_size": 10}}


class TestTrying:
    def test_a_secret_is_made_once_and_kept_private(self, tmp_path: Path) -> None:
        first = _read(tmp_path, {"DEBUG": "1"}, "SECRET_KEY")
        assert _read(tmp_path, {"DEBUG": "1"}, "SECRET_KEY") == first
        path = tmp_path / "var" / "secret_key"
        assert path.stat().st_mode & 0o777 == 0o600
        assert len(str(first[0])) > 50

    def test_the_address_follows_host_and_port(self, tmp_path: Path) -> None:
        assert _read(tmp_path, {"DEBUG": "1", "PORT": "9000"}, "SITE_URL") == ["http://127.0.0.1:9000"]
        assert _read(tmp_path, {"DEBUG": "1", "HOST": "::1"}, "SITE_URL") == ["http://[::1]:8000"]
        assert _read(tmp_path, {"DEBUG": "1", "HOST": "::"}, "SITE_URL") == ["http://127.0.0.1:8000"]

    def test_redis_is_used_where_it_is_named(self, tmp_path: Path) -> None:
        assert _read(tmp_path, {"DEBUG": "1"}, "CELERY_BROKER_URL") == ["svarfile://"]
        url = "redis://127.0.0.1:6379/3"
        assert _read(tmp_path, {"DEBUG": "1", "REDIS_URL": url}, "CELERY_BROKER_URL") == [url]


def test_an_untouched_copy_of_the_example_changes_nothing(tmp_path: Path) -> None:
    lines = Path(settings.BASE_DIR, ".env.example").read_text().splitlines()
    empty = {line.split("=")[0]: "" for line in lines if re.match(r"^[A-Z_]+=$", line)}
    names = ("ALLOWED_HOSTS", "SITE_URL", "DATABASES", "REDIS_URL", "HOST", "TIME_ZONE", "VAR_DIR")
    every = dict.fromkeys(("DATABASE_URL", "REDIS_URL", "SITE_URL", "HOST", "PORT", "TIME_ZONE", "EMAIL_URL"), "")
    assert _read(tmp_path, {"DEBUG": "1"} | empty | every, *names) == _read(tmp_path, {"DEBUG": "1"}, *names)


def test_every_variable_is_explained() -> None:
    """.env.example names each variable that the settings read, with a line of explanation above it."""
    source = Path(settings.BASE_DIR, "helpcenter", "settings.py").read_text()
    read = set(re.findall(r"\b(?:env\.\w+|text|flag|number|one_of)\(\s*\"([A-Z_]+)\"", source))
    explained = set()
    previous = ""
    for line in Path(settings.BASE_DIR, ".env.example").read_text().splitlines():
        if found := re.match(r"^#?\s?([A-Z_]+)=", line):
            assert previous.startswith("#"), f"{found[1]} has no explanation above it"
            explained.add(found[1])
        previous = line
    assert read <= explained
    assert {"SECRET_KEY", "DATABASE_URL", "PORT"} <= read
