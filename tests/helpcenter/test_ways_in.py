"""`serve` runs the ways in for mail that the settings ask for, and no others."""

from __future__ import annotations

import pytest

from helpcenter.management.commands import serve


@pytest.mark.parametrize(
    ("urls", "listen", "parts"),
    [([], "", []), (["imaps://u:p@h/"], "", ["imap"]), (["imaps://u:p@h/"], "127.0.0.1:24", ["imap", "lmtp"])],
)
def test_each_way_in_has_a_process_once_it_is_set(settings, urls, listen, parts):
    settings.IMAP_URLS, settings.LMTP_LISTEN = urls, listen
    assert serve._ways_in_use() == parts


@pytest.mark.parametrize(("part", "command"), [("imap", "fetch_mail"), ("lmtp", "serve_lmtp")])
def test_a_part_runs_its_command_alone(monkeypatch, part, command):
    ran = []
    monkeypatch.setattr(serve, "call_command", ran.append)
    serve.Command().handle(part=part, tied=None, fd=None)
    assert ran == [command]
