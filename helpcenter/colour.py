"""Contrast (WCAG 2.2, "relative luminance" and "contrast ratio"), so that any brand colour stays readable."""

from __future__ import annotations

import colorsys

MIN_CONTRAST = 4.7  # 4.5 is the rule; a little more, because tinted backgrounds take some away
_INK, _WHITE = "#10201a", "#ffffff"


def _channels(colour: str) -> tuple[float, float, float]:
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))  # type: ignore[return-value]


def _hex(red: float, green: float, blue: float) -> str:
    return "#" + "".join(f"{round(max(0.0, min(1.0, value)) * 255):02x}" for value in (red, green, blue))


def luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """1 (none) to 21 (black on white)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(colour: str, background: str) -> str:
    """The colour, made darker or lighter just until it can be read on the background."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    step = -0.01 if luminance(background) > 0.4 else 0.01
    while contrast(colour, background) < MIN_CONTRAST and 0 < lightness + step < 1:
        lightness += step
        colour = _hex(*colorsys.hls_to_rgb(hue, lightness, saturation))
    return colour


def dark_variant(colour: str) -> str:
    """A lighter, calmer sister of a colour, for dark backgrounds."""
    hue, _lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    return _hex(*colorsys.hls_to_rgb(hue, 0.63, min(saturation, 0.55)))


def on_colour(colour: str) -> str:
    """White or ink, whichever can be read better on the colour."""
    return max((_WHITE, _INK), key=lambda text: contrast(text, colour))
