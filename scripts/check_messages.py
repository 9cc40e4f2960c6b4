"""Holds the message catalogues to the code: every text is there, translated, and keeps its placeholders.

Needs xgettext (apt install gettext) and the development environment. Prints each finding; exits 1 if there is one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("sv", "nb", "da")
SOURCES = ("helpcenter", "deflection", "tickets", "knowledge", "templates")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
_SHOWN_AT_MOST = 40

Key = tuple[str, str]


def main() -> None:
    if shutil.which("xgettext") is None:
        sys.exit("The message check needs xgettext: run 'apt install gettext' and try again.")
    wanted = {_key(entry): entry for entry in texts_in_code() if not entry.obsolete}
    findings = [finding for language in LANGUAGES for finding in check(language, wanted)]
    for finding in findings[:_SHOWN_AT_MOST]:
        sys.stderr.write(f"{finding}\n")
    if findings:
        sys.exit(f"{len(findings)} findings in the message catalogues.")
    sys.stdout.write(f"Message catalogues: {len(wanted)} texts, translated into {', '.join(LANGUAGES)}.\n")


def _key(entry: polib.POEntry) -> Key:
    return (entry.msgctxt or "", entry.msgid)


def texts_in_code() -> polib.POFile:
    """What Django's own makemessages finds, gathered in a copy so that the tree stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        for source in SOURCES:
            shutil.copytree(ROOT / source, copy / source, ignore=shutil.ignore_patterns("__pycache__", "content"))
        (copy / "locale").mkdir()
        environment = os.environ | {"DEBUG": "1", "SVAR_VAR": folder, "DJANGO_SETTINGS_MODULE": "helpcenter.settings"}
        # makemessages writes beside what it reads, and knows the place only by the folder in which it runs.
        command = [sys.executable, "-m", "django", "makemessages", "--locale", "sv", "--keep-pot", "--no-wrap"]
        done = subprocess.run(
            command, cwd=copy, env=environment | {"PYTHONPATH": str(copy)}, check=False, capture_output=True, text=True
        )
        if done.returncode:
            sys.exit(f"makemessages failed.\n{done.stderr}")
        return polib.pofile(str(copy / "locale" / "django.pot"))


def check(language: str, wanted: dict[Key, polib.POEntry]) -> Iterator[str]:
    path = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        yield f"{language}: {path.relative_to(ROOT)} does not exist."
        return
    held = {_key(entry): entry for entry in polib.pofile(str(path)) if not entry.obsolete}
    for key, source in wanted.items():
        where = f"{language}: {key[1][:70]!r} ({source.occurrences[0][0] if source.occurrences else '?'})"
        entry = held.get(key)
        if entry is None:
            yield f"{where} is missing."
        elif entry.fuzzy:
            yield f"{where} is fuzzy."
        elif not entry.translated():
            yield f"{where} is not translated."
        elif wrong := wrong_placeholders(entry):
            yield f"{where} has other placeholders: {wrong}."
    for key in held.keys() - wanted.keys():
        yield f"{language}: {key[1][:70]!r} is no longer used."


def wrong_placeholders(entry: polib.POEntry) -> str:
    """The placeholders that a translation loses or invents. A singular may write its number as a word."""
    needed = set(_PLACEHOLDER.findall(entry.msgid))
    if not entry.msgid_plural:
        return " ".join(sorted(needed ^ set(_PLACEHOLDER.findall(entry.msgstr))))
    allowed = needed | set(_PLACEHOLDER.findall(entry.msgid_plural))
    plural = set(_PLACEHOLDER.findall(entry.msgid_plural))
    wrong = set()
    for form, text in entry.msgstr_plural.items():
        found = set(_PLACEHOLDER.findall(text))
        wrong |= found - allowed
        wrong |= set() if int(form) == 0 else plural - found
    return " ".join(sorted(wrong))


if __name__ == "__main__":
    main()
