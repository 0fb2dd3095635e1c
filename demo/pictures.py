"""Pictures for the demo town: shop fronts, drawn by a few rules from a shop's name, the same every time."""

from __future__ import annotations

import random
import unicodedata
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT = 1200, 900
_WALLS = ("#e9dcc3", "#d9c7b0", "#e4d3d0", "#cfd8d3", "#dcd6e2", "#ead9b5")
_AWNINGS = ("#9a2a1f", "#14643a", "#1f5f9e", "#8a4b00", "#5b3a78", "#0d5256")
_SKIES = ("#c9dbe6", "#dfe7ea", "#f0ddc8", "#b9d0de")
_ROOFS = ("#6d4c41", "#4b4f57", "#8a5a44")
_PAPER, _GLASS, _STONE, _WOOD = "#fbf7ef", "#bcd3d9", "#8d8577", "#5a4632"


def shop_front(name: str) -> bytes:
    """A street with one shop, as JPEG."""
    # Imported here: only who loads a whole town draws.
    from PIL import Image, ImageDraw, ImageFont, ImageOps

    chance = random.Random(name)
    image = Image.new("RGB", (WIDTH, HEIGHT), chance.choice(_SKIES))
    pen = ImageDraw.Draw(image)
    _draw_house(pen, chance)
    if chance.random() < 0.5:
        image = ImageOps.mirror(image)
        pen = ImageDraw.Draw(image)
    # The font that comes along has no letters with accents.
    sign = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode()
    font = ImageFont.load_default(52)
    pen.text(((WIDTH - pen.textlength(sign, font)) / 2, 400), sign, fill=_PAPER, font=font)
    kept = BytesIO()
    image.save(kept, "JPEG", quality=82)
    return kept.getvalue()


def _draw_house(pen: ImageDraw, chance: random.Random) -> None:
    awning, windows, top = chance.choice(_AWNINGS), chance.randint(2, 5), chance.randint(20, 120)
    pen.ellipse((chance.randint(0, 900), 30, chance.randint(930, 1190), 160), fill=_PAPER)
    pen.polygon([(90, 190), (chance.randint(300, 900), top), (1110, 190)], fill=chance.choice(_ROOFS))
    pen.rectangle((120, 190, 1080, 780), fill=chance.choice(_WALLS))
    pen.rectangle((0, 780, WIDTH, HEIGHT), fill=_STONE)
    for left in range(0, WIDTH, 120):
        pen.line((left, 780, left - 60, HEIGHT), fill="#7c7567", width=4)
    for number in range(windows):
        left = 120 + 960 * (2 * number + 1) // (2 * windows) - 65
        pen.rectangle((left, 225, left + 130, 345), fill=_GLASS, outline=_PAPER, width=10)
    pen.rectangle((150, 390, 1050, 470), fill=_WOOD)
    for number, left in enumerate(range(150, 1050, 60)):
        colour = awning if number % 2 == 0 else _PAPER
        pen.polygon([(left, 470), (left + 60, 470), (left + 66, 545), (left - 6, 545)], fill=colour)
    pen.rectangle((180, 560, 720, 750), fill=_GLASS, outline=_WOOD, width=12)
    for _ in range(chance.randint(8, 20)):
        left, size = chance.randint(200, 660), chance.randint(22, 70)
        pen.ellipse((left, 735 - size, left + size, 735), fill=chance.choice(_AWNINGS))
    pen.rectangle((790, 550, 970, 780), fill=awning, outline=_WOOD, width=12)
    pen.rectangle((820, 580, 940, 690), fill=_GLASS)
    pen.ellipse((925, 705, 945, 725), fill=_PAPER)


def with_picture(fields: dict[str, Any], picture: bytes) -> dict[str, Any]:
    """Body and header of a form with one file, which may be sent again as it is."""
    boundary = uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="photos"; filename="shop.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    body = b"".join([*parts, head.encode(), picture, f"\r\n--{boundary}--\r\n".encode()])
    return {"data": body, "headers": {"Content-Type": f"multipart/form-data; boundary={boundary}"}}
