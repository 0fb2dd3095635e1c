"""Draws counter cards and posters as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from io import BytesIO

from reportlab.lib.pagesizes import A3, A4, A6, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from chassis.paper import BOLD
from chassis.printed import Pen, glyphs
from services.campaigns.printed.words import (
    Card,
    CardWords,
    Poster,
    PosterWords,
    card_words,
    poster_words,
)


class Format(StrEnum):
    """Of a poster."""

    A4 = "a4"
    A3 = "a3"


_SIZES = {Format.A4: A4, Format.A3: A3}


def cards(shops: Sequence[Card], language: str) -> bytes:
    """One page for each shop, each A6 lying; some 7 kB each."""
    glyphs()
    file, words, size = BytesIO(), card_words(language), landscape(A6)
    canvas = Canvas(file, pagesize=size, pageCompression=1, lang=language)
    canvas.setTitle("CoCoCity")
    for shop in shops:
        _card(Pen(canvas, *size), shop, words)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def poster(campaign: Poster, form: Format, language: str) -> bytes:
    """One page. A3 is A4 enlarged."""
    glyphs()
    file, size = BytesIO(), _SIZES[form]
    canvas = Canvas(file, pagesize=size, pageCompression=1, lang=language)
    canvas.setTitle(f"CoCoCity – {campaign.title}")
    scale = size[0] / A4[0]
    canvas.scale(scale, scale)
    _poster(Pen(canvas, size[0] / scale, size[1] / scale), campaign, poster_words(campaign, language))
    canvas.save()
    return file.getvalue()


def _card(pen: Pen, shop: Card, words: CardWords) -> None:
    left, width, side = 9 * mm, pen.width - 18 * mm, 58 * mm
    pen.y = 7 * mm
    pen.write(shop.name, left, width, 14, font=BOLD, most=2)
    top = pen.y = pen.y + 4 * mm
    pen.qr(shop.address, left - 4 * mm, top, side)
    column, rest = left + side, width - side
    pen.write(words.heading, column, rest, 12, font=BOLD, most=5)
    pen.y += 2 * mm
    pen.write(words.scan, column, rest, 10, most=7)
    pen.y = max(pen.y, top + side)
    pen.write(shop.address, left, width, 8, most=1)
    pen.write(words.everybody, left, width, 8, most=2)


def _poster(pen: Pen, campaign: Poster, words: PosterWords) -> None:
    left, width, side = 22 * mm, pen.width - 44 * mm, 110 * mm
    pen.y = 20 * mm
    pen.write("CoCoCity", left, width, 16, font=BOLD)
    pen.y += 4 * mm
    pen.write(campaign.title, left, width, 32, font=BOLD, most=3)
    pen.y += 2 * mm
    pen.write(words.dates, left, width, 16, most=2)
    pen.y += 4 * mm
    pen.write(words.call, left, width, 18, font=BOLD, most=3)
    pen.qr(campaign.address, (pen.width - side) / 2, 130 * mm, side)
    pen.y = 130 * mm + side
    pen.write(words.scan, left, width, 14, most=2)
    pen.write(campaign.address, left, width, 14, font=BOLD, most=1)
    pen.y = max(pen.y, 268 * mm)
    pen.write(words.responsible, left, width, 11, most=3)
