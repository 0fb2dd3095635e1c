"""Draws letters and counter cards as one PDF, page after page, each shop's own.

A page holds some 6 kB once it is drawn, so a run's memory is bounded by MOST_LETTERS, whatever is in it.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO

from reportlab.lib.pagesizes import A4, A6, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from chassis.paper import BOLD
from chassis.printed import Pen, glyphs
from services.directory.claims.letter_words import Issuer, LetterWords, Paper, words_of

_WINDOW_LEFT, _WINDOW_TOP, _WINDOW_WIDTH = 110 * mm, 50 * mm, 85 * mm
"""Of a C5/6 envelope with its window on the right, as Belgian post takes them."""
_MARGIN = 22 * mm
_MOST_NAME_LINES = 2


def drawn(papers: Iterable[Paper], issuer: Issuer, language: str, form: str) -> bytes:
    """All papers as one PDF; an empty page where there are none left to print."""
    glyphs()
    size = A4 if form == "letter" else landscape(A6)
    file = BytesIO()
    canvas = Canvas(file, pagesize=size, pageCompression=1, lang=language)
    canvas.setTitle(f"CoCoCity – {issuer.city}")
    for paper in papers:
        words = words_of(paper, issuer, language)
        pen = Pen(canvas, size[0], size[1])
        if form == "letter":
            _letter(pen, paper, issuer.city, words)
        else:
            _card(pen, paper, words)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _letter(pen: Pen, paper: Paper, city: str, words: LetterWords) -> None:
    width = pen.width - 2 * _MARGIN
    pen.y = _MARGIN
    pen.write("CoCoCity", _MARGIN, width, 16, font=BOLD)
    pen.write(city, _MARGIN, 70 * mm, 11)
    pen.y = _WINDOW_TOP
    pen.write(paper.name, _WINDOW_LEFT, _WINDOW_WIDTH, 11, font=BOLD, most=_MOST_NAME_LINES)
    for line in paper.address:
        pen.write(line, _WINDOW_LEFT, _WINDOW_WIDTH, 11, most=1)
    pen.y = 100 * mm
    pen.write(words.heading, _MARGIN, width, 15, font=BOLD)
    pen.y += 4 * mm
    pen.write(words.opening, _MARGIN, width)
    pen.y += 2 * mm
    for name, count in words.rows:
        pen.row(name, str(count), _MARGIN, 60 * mm, size=11)
    pen.y += 8 * mm
    _invitation(pen, paper, words, _MARGIN, width)
    pen.y = max(pen.y, 250 * mm)
    _small_print(pen, paper, words, _MARGIN, width, size=8)


def _invitation(pen: Pen, paper: Paper, words: LetterWords, left: float, width: float) -> None:
    top, side = pen.y, 42 * mm
    pen.qr(paper.page, left, top, side)
    column, rest = left + side + 4 * mm, width - side - 4 * mm
    pen.y = top + 2 * mm
    pen.write(words.look, column, rest)
    pen.write(paper.page, column, rest, 7)
    pen.y += 3 * mm
    pen.write(words.claim, column, rest)
    pen.y += 1 * mm
    pen.write(paper.code, column, rest, 14, font=BOLD)
    pen.y = max(pen.y, top + side)


def _small_print(
    pen: Pen, paper: Paper, words: LetterWords, left: float, width: float, *, size: float
) -> None:
    for line in (words.validity, words.source, words.objection):
        pen.write(line, left, width, size)
    if paper.objection_code is not None:
        pen.write(paper.objection_code, left, width, size + 2, font=BOLD)


def _card(pen: Pen, paper: Paper, words: LetterWords) -> None:
    left, width = 8 * mm, pen.width - 16 * mm
    pen.y = 7 * mm
    pen.write(paper.name, left, width, 12, font=BOLD, most=1)
    pen.write(words.opening, left, width, 8, most=3)
    _figures_in_a_line(pen, words.rows, left, width)
    pen.y += 2 * mm
    side = 34 * mm
    top = pen.y
    pen.qr(paper.page, left, top, side)
    column, rest = left + side + 3 * mm, width - side - 3 * mm
    pen.write(words.look, column, rest, 8)
    pen.y += 1 * mm
    pen.write(words.claim, column, rest, 8)
    pen.write(paper.code, column, rest, 12, font=BOLD)
    pen.y = max(pen.y, top + side)
    _small_print(pen, paper, words, left, width, size=6)


def _figures_in_a_line(pen: Pen, rows: Sequence[tuple[str, int]], left: float, width: float) -> None:
    pen.write(" · ".join(f"{name}: {count}" for name, count in rows), left, width, 9, font=BOLD, most=2)
