"""What the schema must say that it cannot read off the code."""

from __future__ import annotations

from typing import Any

_STRICT = ("PatchedCaseChange", "NewMessage")


def refuse_unknown_fields(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Bodies that are refused when they hold a field that we do not know (see `shapes.StrictSerializer`)."""
    for name, schema in result["components"]["schemas"].items():
        if name in _STRICT:
            schema["additionalProperties"] = False
    return result
