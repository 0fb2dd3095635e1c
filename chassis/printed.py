"""Paper that hangs in town or comes by post: written from the top down, with QR codes, as PDF.

Reports that flow over pages are `paper.py`.

For services whose extra has ReportLab, segno and anyascii.
"""

from functools import cache

import segno
from anyascii import anyascii
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from chassis.paper import BOLD, PLAIN

_LEADING = 1.35


class Pen:
    """Writes on a page from the top down; positions are from its upper left corner."""

    def __init__(self, canvas: Canvas, width: float, height: float) -> None:
        self.canvas = canvas
        self.width = width
        self.height = height
        self.y = 0.0

    def write(
        self, text: str, x: float, width: float, size: float = 10, *, font: str = PLAIN, most: int = 20
    ) -> None:
        """A paragraph in that column; continues below."""
        self.canvas.setFont(font, size)
        for line in simpleSplit(legible(text), font, size, width)[:most]:
            self.y += size * _LEADING
            self.canvas.drawString(x, self.height - self.y, line)

    def row(self, left: str, right: str, x: float, width: float, *, size: float) -> None:
        """One line of a table, its figure to the right."""
        self.y += size * 1.6
        self.canvas.setFont(PLAIN, size)
        self.canvas.drawString(x, self.height - self.y, legible(left))
        self.canvas.drawRightString(x + width, self.height - self.y, right)

    def qr(self, content: str, x: float, y: float, width: float) -> None:
        """A QR code with its quiet zone, as one shape: readers like no seams."""
        # The mask is given: to find the prettiest of eight takes ten times as long, and readers mind none.
        code = segno.make_qr(content, error="m", mask=0)
        border = 4
        rows = list(code.matrix)
        step = width / (len(rows) + 2 * border)
        shape = self.canvas.beginPath()
        for row, line in enumerate(rows, border):
            for column, dark in enumerate(line, border):
                if dark:
                    shape.rect(x + column * step, self.height - y - (row + 1) * step, step, step)
        self.canvas.drawPath(shape, stroke=0, fill=1)


def legible(text: str) -> str:
    """The text in characters that the font has: others in Latin letters, rather than as empty boxes."""
    known = glyphs()
    return "".join(char if ord(char) in known else anyascii(char) for char in text)


@cache
def glyphs() -> dict[int, int]:
    """What the fonts can draw. Makes them known to the library, once: called before a page is begun."""
    for font in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(font, f"{font}.ttf"))
    known: dict[int, int] = pdfmetrics.getFont(PLAIN).face.charToGlyph
    return known
