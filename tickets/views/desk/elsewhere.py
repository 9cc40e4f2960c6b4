"""Pages of the desk that are no list of cases."""

from __future__ import annotations

from dataclasses import replace

from tickets.views.desk.door import DeskRequest
from tickets.views.desk.rail import Rail, rail_for


def rail_elsewhere(request: DeskRequest) -> Rail:
    """The views, of which none is being looked at."""
    rail = rail_for(request)
    return replace(rail, links=[replace(one, is_current=False) for one in rail.links])
