"""A picture of a few counts, small enough for a mail. The same figures stand beside it as text.

One blue in four degrees of transparency: light enough for a dark mail and dark enough for a white one
(3.9 to 1 at least on either), for no mail program turns the colours of a picture round.

Every shop has its own picture: what is the same in many (texts) is drawn once, by the library, and laid into
lines of bytes, four points each; the file is written here, for a palette of four and nothing else (PNG, third
edition: W3C). So a picture costs a tenth of what the library takes to draw and write it.
"""

from __future__ import annotations

import zlib
from functools import cache, lru_cache
from itertools import pairwise
from struct import pack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.ImageFont import FreeTypeFont, ImageFont

WIDTH, HEIGHT = 828, 270
"""In pixels; shown at two thirds of it: sharp on most screens, and drawn in a fraction of a millisecond."""
_TOP, _BASE = 38, 232
_TEXT_SIZE = 22
_BLUE = (47, 126, 201)
_BITS = 2
_DEGREES = 1 << _BITS
_FULL = _DEGREES - 1
_POINTS = 8 // _BITS
"""In a byte."""
_LINE = WIDTH // _POINTS + 1
"""Bytes of a line, with the one that says how it is filtered."""
_WIDEST_BAR = 90
_MOST_FIGURES = 14
"""With more bars than that, the figures above them would run into each other."""


def png(points: tuple[tuple[str, int], ...]) -> bytes:
    """(label, count) as bars, with the first and the last label below."""
    labels = [label for label, _ in points]
    lines = bytearray(_ground(*labels[:1], *labels[1:][-1:]))
    _bars(lines, [count for _, count in points])
    return _file(lines)


def _bars(lines: bytearray, counts: list[int]) -> None:
    step = WIDTH / max(len(counts), 1) / _POINTS
    wide = max(round(min(step * 0.7, _WIDEST_BAR / _POINTS)), 1)
    middles = [step * (place + 0.5) for place in range(len(counts))]
    highest = max(counts, default=0) or 1
    tops = [round(_BASE - (_BASE - _TOP) * count / highest) for count in counts]
    line = bytearray(_LINE)
    # From where one bar begins to where the next does all lines are the same.
    for top, following in pairwise([*sorted(set(tops) | {_BASE}), _BASE]):
        for begins, middle in zip(tops, middles, strict=True):
            if begins == top:
                start = round(middle - wide / 2) + 1
                line[start : start + wide] = b"\xff" * wide
        lines[top * _LINE : following * _LINE] = line * (following - top)
    for count, top, middle in zip(counts, tops, middles, strict=True):
        if len(counts) <= _MOST_FIGURES:
            figure = _text(str(count))
            _lay(lines, figure, round(middle - len(figure[0]) / 2), top - 6 - len(figure))


def _lay(lines: bytearray, text: Sequence[bytes], left: int, top: int) -> None:
    """`left` in bytes, `top` in lines; what is beside the picture is left out."""
    left = min(max(left, 0), _LINE - 1 - len(text[0])) + 1
    for number, part in enumerate(text):
        at = (top + number) * _LINE + left
        lines[at : at + len(part)] = part


@lru_cache(maxsize=64)
def _ground(first: str = "", last: str = "") -> bytes:
    """What stands below the bars: the digests of a day and language have the same."""
    lines = bytearray(_LINE * HEIGHT)
    for line in range(_BASE, _BASE + 3):
        lines[line * _LINE + 1 : (line + 1) * _LINE] = b"\xff" * (_LINE - 1)
    _lay(lines, _text(first), 0, _BASE + 14)
    _lay(lines, _text(last), _LINE, _BASE + 14)
    return bytes(lines)


@lru_cache(maxsize=1024)
def _text(text: str) -> Sequence[bytes]:
    """Its lines, as wide as what is written."""
    # Here and not above: only a process that sends mails with charts pays for it.
    from PIL import Image, ImageDraw

    left, top, right, bottom = _font().getbbox(text)
    wide, high = max(round(right - left), 1), max(round(bottom - top), 1)
    mask = Image.new("L", (-(-wide // _POINTS) * _POINTS, high))
    ImageDraw.Draw(mask).text((-left, -top), text, fill=255, font=_font())
    degrees = mask.point([round(strong * _FULL / 255) for strong in range(256)]).tobytes()
    packed = bytes(
        a << 6 | b << 4 | c << 2 | d for a, b, c, d in zip(*[iter(degrees)] * _POINTS, strict=True)
    )
    row = mask.width // _POINTS
    return [packed[start : start + row] for start in range(0, len(packed), row)]


@cache
def _font() -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(_TEXT_SIZE)  # comes with the library; no font of the machine is needed


def _file(lines: bytes | bytearray) -> bytes:
    """Indexed colours; each line begins with a nought, for it is not filtered."""
    chunks = (
        (b"IHDR", pack(">IIBBBBB", WIDTH, HEIGHT, _BITS, 3, 0, 0, 0)),
        (b"PLTE", bytes(_BLUE * _DEGREES)),
        (b"tRNS", bytes(255 * degree // _FULL for degree in range(_DEGREES))),
        (b"IDAT", zlib.compress(lines, 3)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
