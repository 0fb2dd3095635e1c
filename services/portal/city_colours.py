"""Which hue a city's pages have: one of 24 that the style sheet knows, by NIS code.

How light and how strong its colours are is the same for all (static/portal.css), so that every hue can be
read. A city that is not named here has the colours of the house.
"""

from __future__ import annotations

import math

STEP_DEGREES = 15
HUES = {
    "81001": 3,  # Arlon: the red of its lion
    "85046": 10,  # Habay: its woods
    "62063": 2,  # Liège: the red of its perron
}
_HOUSE_DEGREES = 200


def hue_of(nis_code: str) -> int | None:
    """The number of its hue; None for a city that chose none."""
    return HUES.get(nis_code)


def rgb(lightness: float, chroma: float, hue: int | None) -> tuple[int, int, int]:
    """A colour of that hue as screens mix it: OKLCH to sRGB (CSS Color Module Level 4, section 9.3)."""
    angle = math.radians(_HOUSE_DEGREES if hue is None else hue * STEP_DEGREES)
    a, b = chroma * math.cos(angle), chroma * math.sin(angle)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _channel(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _channel(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _channel(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _channel(linear: float) -> int:
    linear = min(max(linear, 0.0), 1.0)
    shown = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(shown * 255)
