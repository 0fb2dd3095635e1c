"""The picture that is shown with a link to a page: name, what it is and where, under an awning."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import Response

from services.portal.city_colours import rgb
from services.portal.rendering import SECURITY_HEADERS

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT = 1200, 630
"""Pixels, as the Open Graph protocol's readers crop least."""
_MARGIN, _AWNING, _SCALLOP = 80, 96, 100
_PAPER, _INK, _SOFT = (251, 249, 245), (28, 43, 45), (79, 97, 99)
_MOST_LINES = 3


async def card_answer(title: str, below: str, hue: int | None) -> Response:
    """The picture, to be kept for a day."""
    headers = {**SECURITY_HEADERS, "Cache-Control": "public, max-age=86400"}
    return Response(await preview_card(title, below, hue), headers=headers, media_type="image/png")


async def preview_card(title: str, below: str, hue: int | None) -> bytes:
    """A PNG. Drawn aside, so that nobody waits for somebody else's picture."""
    return await asyncio.to_thread(_drawn, title[:200], below[:200], hue)


@lru_cache(maxsize=64)
def _drawn(title: str, below: str, hue: int | None) -> bytes:
    from PIL import Image, ImageDraw  # some 15 MB that a process without visitors does not need

    picture = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    draw = ImageDraw.Draw(picture)
    _draw_awning(draw, hue)
    font, lines = _fitting(title)
    height = font.size * 1.15
    top = _AWNING + _SCALLOP / 2 + (HEIGHT - _AWNING - 170 - height * len(lines)) / 2
    for number, line in enumerate(lines):
        draw.text((_MARGIN, top + number * height), line, _INK, font)
    draw.text((_MARGIN, HEIGHT - 130), _shortened(below, 62), _SOFT, _font("Regular", 38))
    draw.text(
        (WIDTH - _MARGIN, HEIGHT - 50), "CoCoCity", rgb(0.40, 0.075, hue), _font("Bold", 34), anchor="rs"
    )
    kept = BytesIO()
    picture.quantize(64).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _draw_awning(draw: ImageDraw, hue: int | None) -> None:
    deep, stripe = rgb(0.37, 0.075, hue), (240, 230, 212)
    draw.rectangle((0, 0, WIDTH, _AWNING), deep)
    for number, left in enumerate(range(0, WIDTH, _SCALLOP)):
        colour = stripe if number % 2 else deep
        draw.rectangle((left, _AWNING - 40, left + _SCALLOP, _AWNING), colour)
        draw.pieslice((left, _AWNING - _SCALLOP / 2, left + _SCALLOP, _AWNING + _SCALLOP / 2), 0, 180, colour)


def _fitting(title: str) -> tuple[FreeTypeFont, list[str]]:
    """The largest letters in which it fits; the last line is cut where none does."""
    for size in (104, 88, 72, 58):
        font = _font("Bold", size)
        lines = _lines(title, font)
        if len(lines) <= _MOST_LINES and all(font.getlength(line) <= WIDTH - 2 * _MARGIN for line in lines):
            return font, lines
    return font, [_shortened(line, 36) for line in lines[:_MOST_LINES]]


def _lines(text: str, font: FreeTypeFont) -> list[str]:
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if font.getlength(joined) <= WIDTH - 2 * _MARGIN or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


@lru_cache
def _font(cut: str, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    # Found without importing the package: only its files are of use here.
    spec = find_spec("font_source_serif_pro")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package font-source-serif-pro is not installed (extra `portal`)")
    folder = Path(spec.submodule_search_locations[0]) / "files"
    return ImageFont.truetype(folder / f"SourceSerifPro-{cut}.ttf", size)
