"""A picture of a few counts, small enough for a mail. The same figures stand beside it as text.

One blue in sixteen degrees of transparency: light enough for a dark mail and dark enough for a white one
(3.9 to 1 at least on either), for no mail program turns the colours of a picture round.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

WIDTH, HEIGHT = 828, 270
"""In pixels; shown at two thirds of it: sharp on most screens, and drawn in a millisecond or two."""
_TOP, _BASE = 38, 232
_TEXT_SIZE = 22
_BLUE = (47, 126, 201)
_DEGREES = 16
_WIDEST_BAR = 90
_MOST_FIGURES = 14
"""With more bars than that, the figures above them would run into each other."""


def png(points: tuple[tuple[str, int], ...]) -> bytes:
    """(label, count) as bars, with the first and the last label below."""
    # Here and not above: only a process that sends mails with charts pays for it.
    from PIL import Image, ImageDraw

    mask = Image.new("L", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(mask)
    _bars(draw, [count for _, count in points])
    _labels(draw, [label for label, _ in points])
    degrees = mask.point([value * _DEGREES // 256 for value in range(256)])
    picture = Image.frombytes("P", degrees.size, degrees.tobytes())
    picture.putpalette(_BLUE * _DEGREES)
    opacity = bytes(255 * degree // (_DEGREES - 1) for degree in range(_DEGREES))
    out = BytesIO()
    picture.save(out, "PNG", transparency=opacity, bits=4, compress_level=1)
    return out.getvalue()


def _bars(draw: ImageDraw, counts: list[int]) -> None:
    step = WIDTH / max(len(counts), 1)
    wide = min(step * 0.7, _WIDEST_BAR)
    highest = max(counts, default=0) or 1
    for place, count in enumerate(counts):
        middle = step * (place + 0.5)
        top = _BASE - (_BASE - _TOP) * count / highest
        if count:
            draw.rectangle((middle - wide / 2, top, middle + wide / 2, _BASE), fill=255)
        if len(counts) <= _MOST_FIGURES:
            draw.text((middle, top - 6), str(count), fill=255, font=_font(), anchor="ms")
    draw.rectangle((0, _BASE, WIDTH, _BASE + 2), fill=255)


def _labels(draw: ImageDraw, labels: list[str]) -> None:
    if labels:
        draw.text((0, _BASE + 10), labels[0], fill=255, font=_font(), anchor="la")
    if len(labels) > 1:
        draw.text((WIDTH, _BASE + 10), labels[-1], fill=255, font=_font(), anchor="ra")


@cache
def _font() -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(_TEXT_SIZE)  # comes with the library; no font of the machine is needed
