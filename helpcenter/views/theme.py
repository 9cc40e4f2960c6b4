"""The organisation's colours as a small style sheet of custom properties."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from helpcenter.colour import dark_variant, on_colour, readable_on
from knowledge.models import Organisation

_LIGHT_PAGE, _DARK_PAGE = "#f2f0e9", "#18201d"


def brand_css(selector: str) -> str:
    """`--brand` and `--on-brand` for light and dark, corrected until text in them can be read (WCAG 2.2 AA)."""
    organisation = Organisation.current()
    light = readable_on(organisation.brand_light, _LIGHT_PAGE)
    dark = readable_on(organisation.brand_dark or dark_variant(organisation.brand_light), _DARK_PAGE)
    on = f"light-dark({on_colour(light)},{on_colour(dark)})"
    return f"{selector}{{--brand:light-dark({light},{dark});--on-brand:{on}}}"


@cache_control(public=True, max_age=3600)
@require_safe
def theme_css(request: HttpRequest) -> HttpResponse:
    return HttpResponse(brand_css(":root"), content_type="text/css; charset=utf-8")
