"""How the admin looks: the settings of django-unfold."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "helpcenter.admin_menu.site_name",
    "SITE_HEADER": "helpcenter.admin_menu.site_name",
    "SITE_SUBHEADER": _("Curate the answers"),
    "SITE_SYMBOL": "lightbulb",
    "SITE_URL": "/",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "8px",
    "DASHBOARD_CALLBACK": "knowledge.admin.start.work_waiting",
    "STYLES": ["helpcenter.admin_menu.style_sheet"],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "helpcenter.admin_menu.favicon"}],
    "SIDEBAR": {"navigation": "helpcenter.admin_menu.navigation"},
    "COLORS": {
        "primary": {
            "50": "#eef7f4", "100": "#d5ece5", "200": "#aedacd", "300": "#85cdb8", "400": "#6fd0b5", "500": "#4fb89b",
            "600": "#12604f", "700": "#0f4f41", "800": "#0d4036", "900": "#0b342c", "950": "#051f19",
        },
        "base": {
            "50": "#faf9f5", "100": "#f2f0e9", "200": "#e3e0d6", "300": "#cbc8bd", "400": "#99a29c", "500": "#66736d",
            "600": "#4a5852", "700": "#36423d", "800": "#2a3530", "900": "#18201d", "950": "#101513",
        },
    },
}  # fmt: skip
