"""How the API is described: the settings of drf-spectacular."""

from __future__ import annotations

from typing import Any


def schema_settings(languages: list[tuple[str, str]]) -> dict[str, Any]:
    """SPECTACULAR_SETTINGS, for a site with these languages (code, name)."""
    return {
        "TITLE": "Svar",
        "DESCRIPTION": (
            "Search, suggestions and sending a case are open to everybody. Reading and changing cases needs a token, "
            "which an administrator makes. Errors are problem details (RFC 9457)."
        ),
        "VERSION": "1",
        "TAGS": [
            {"name": "answers", "description": "Articles and topics. No token."},
            {"name": "contact", "description": "From a written question to a case. No token."},
            {"name": "cases", "description": "The cases of the help center, for other systems. With a token."},
        ],
        "ENUM_NAME_OVERRIDES": {
            "Language": languages,
            "CaseStatus": "tickets.models.Ticket.Status",
            "CaseType": "tickets.models.Ticket.Type",
            "ChatStage": "tickets.models.Chat.State",
            "ChannelState": [("open", "open"), ("closed", "closed")],
        },
        "POSTPROCESSING_HOOKS": [
            "drf_spectacular.hooks.postprocess_schema_enums",
            "tickets.api.schema.refuse_unknown_fields",
        ],
        "SERVE_INCLUDE_SCHEMA": False,
        "SWAGGER_UI_DIST": "SIDECAR",
        "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    }
