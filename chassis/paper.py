"""Reports that flow over A4 pages in one look, as PDF. Letters, cards and posters are `printed.py`."""

from collections.abc import Iterable
from functools import cache
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, SimpleDocTemplate

PLAIN, BOLD = "Vera", "VeraBd"
"""Come with the library and are embedded: the paper looks the same from every printer."""
_MARGIN = 16 * mm


def pdf(flowables: Iterable[Flowable], title: str, language: str) -> bytes:
    """The pages."""
    file = BytesIO()
    page = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=f"CoCoCity – {title}",
        lang=language,
    )
    page.build([*flowables])
    return file.getvalue()


@cache
def style(size: float, font: str, space: float) -> ParagraphStyle:
    """Of a paragraph: its letters, and the points below it."""
    for known in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(known, f"{known}.ttf"))
    return ParagraphStyle(
        f"{font}-{size}", fontName=font, fontSize=size, leading=size * 1.3, spaceAfter=space
    )
