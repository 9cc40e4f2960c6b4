"""Live chat: hundreds of chats at once against one web process on SQLite, a message a second in each."""

from __future__ import annotations

import os
from pathlib import Path

from bench.printing import show, summary
from bench.site import Site, memory_mb

_TARGET_MS = 500
"""In which 95 of 100 messages are to be with the other side."""


def measure(site: Site, count: int, seconds: int) -> None:
    """Everything that was said must arrive, once and in order, in the windows and in the database."""
    site.migrate()
    chats = site.inside("bench.chat_inside", {"make": {"count": count}})
    with site.part("web") as web:
        before, what = processor_seconds(web.pid), {"base": f"ws://127.0.0.1:{site.port}", "seconds": seconds}
        found = site.inside("bench.chat_clients", what | {"chats": chats})
        used = processor_seconds(web.pid) - before
        memory = memory_mb(web.pid)
    kept = site.inside("bench.chat_inside", {"read": {"numbers": list(found["said"])}})
    messages = sum(len(said) for said in found["said"].values())
    wrong = sum(kept[chat] != said for chat, said in found["said"].items())
    delivery = summary(found["delivery"])
    show(
        bench="chat",
        chats=count,
        sockets=2 * count,
        messages=messages,
        a_second=round(messages / found["talked_s"], 1),
        lost=found["lost"],
        unacknowledged=found["unacknowledged"],
        out_of_order=found["out_of_order"],
        wrong_in_database=wrong,
        acknowledged=summary(found["ack"]),
        delivered=delivery,
        opened_s=round(found["opened_s"], 1),
        web_processors=round(used / (found["talked_s"] + found["opened_s"]), 2),
        web_memory_mb=round(memory),
        target=_TARGET_MS,
        reached=delivery["p95_ms"] <= _TARGET_MS
        and not any((found["lost"], found["unacknowledged"], found["out_of_order"], wrong)),
    )


def processor_seconds(pid: int) -> float:
    """Seconds of processor that a process has used (Linux only)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
