"""Photos as people send them, and files that only look like photos."""

from __future__ import annotations

import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image


def photo(size: tuple[int, int] = (320, 240), kind: str = "JPEG", *, seed: int = 1, **options: Any) -> bytes:
    """A picture of noise, which is as large as pictures get."""
    noise = random.Random(seed).randbytes(size[0] * size[1] * 3)
    return written(Image.frombytes("RGB", size, noise), kind, **options)


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def with_its_story() -> bytes:
    """From a telephone that was held upright: where it was, whose it is, and a comment."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by a quarter
    exif[0x013B] = "Sophie Dupont"
    exif[0x010F] = "Telephone of Sophie"
    exif.get_ifd(0x8825).update({1: "N", 2: (49.0, 43.0, 0.0), 3: "E", 4: (5.0, 39.0, 0.0)})
    half = Image.new("RGB", (320, 240), "white")
    half.paste("black", (0, 0, 160, 240))
    return written(half, "JPEG", exif=exif, comment=b"Sophie was here")


def hostile(number: int) -> tuple[str, bytes]:
    """One of many files that are no photo, or more than one: what it is, and the file."""
    dice = random.Random(number)
    kinds = list(_HOSTILE.items())
    name, make = kinds[number % len(kinds)]
    return name, make(dice)


def _good(dice: random.Random) -> bytes:
    size = dice.randint(70, 200), dice.randint(70, 200)
    return photo(size, dice.choice(["JPEG", "PNG", "WEBP"]), seed=dice.randrange(1 << 30))


def _archive(dice: random.Random) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Main.class", dice.randbytes(dice.randint(1, 900)))
    return out.getvalue()


def _truncated(dice: random.Random) -> bytes:
    whole = _good(dice)
    return whole[: int(len(whole) * dice.uniform(0.02, 0.9))]


def _bomb(dice: random.Random) -> bytes:
    """A few kilobytes that say they are of billions of pixels, or that are of hundreds of millions."""
    if dice.random() < 0.2:
        return written(Image.new("1", (dice.randint(9_000, 16_000),) * 2), "PNG")
    side = dice.randint(30_000, (1 << 31) - 1)
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _text_bomb(dice: random.Random) -> bytes:
    """A comment of some hundred megabytes, packed into a few kilobytes."""
    packed = zlib.compress(bytes(dice.randint(70, 130) << 20))
    good = photo((80, 80), "PNG", seed=dice.randrange(1 << 30))
    end = good.index(b"IDAT") - 4
    return good[:end] + _chunk(b"zTXt", b"Comment\0\0" + packed) + good[end:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _animated(dice: random.Random) -> bytes:
    frames = [Image.effect_noise((90, 90), dice.randint(10, 90)).convert("RGB") for _ in range(3)]
    return written(frames[0], dice.choice(["PNG", "WEBP", "GIF"]), save_all=True, append_images=frames[1:])


def _scripted(dice: random.Random) -> bytes:
    """Code where cameras write their name."""
    code = dice.choice(
        ["<?php system($_GET['c']);", "<script>alert(1)</script>", "<svg onload=x>", "javascript:alert(1)"]
    )
    exif = Image.Exif()
    exif[dice.choice([0x010E, 0x010F, 0x013B, 0x8298])] = code
    return photo((90, 90), dice.choice(["JPEG", "WEBP", "PNG"]), seed=dice.randrange(1 << 30), exif=exif)


def _page(dice: random.Random) -> bytes:
    script = f"<script>fetch('/api/v1/people/me/data?{dice.random()}')</script>"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90">{script}</svg>'
    return dice.choice(
        [svg, f'<?xml version="1.0"?>{svg}', f"<!doctype html>{script}", f"GIF89a/*{script}*/"]
    ).encode()


def _other(dice: random.Random) -> bytes:
    image = Image.effect_noise((90, 90), 50).convert("RGB")
    return written(image, dice.choice(["BMP", "TIFF", "GIF", "ICO", "TGA", "PPM", "PDF", "EPS", "JPEG2000"]))


def _shuffled(dice: random.Random) -> bytes:
    """Compressed pixels that somebody scrambled: what is left of a fuzzer's work on PNG."""
    good = bytearray(photo((120, 120), "PNG", seed=dice.randrange(1 << 30)))
    for _ in range(400):
        good[dice.randrange(60, len(good) - 30)] = dice.randrange(256)
    return bytes(good)


_HOSTILE: dict[str, Callable[[random.Random], bytes]] = {
    "an archive behind a photo": lambda dice: _good(dice) + _archive(dice),
    "a truncated photo": _truncated,
    "a bomb": _bomb,
    "something that moves": _animated,
    "code in metadata": _scripted,
    "a page": _page,
    "another kind of picture": _other,
    "noise": lambda dice: dice.randbytes(dice.randint(0, 5_000)),
    "noise behind a signature": lambda dice: (
        dice.choice([b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\x10\0\0WEBPVP8 "])
        + dice.randbytes(dice.randint(0, 5_000))
    ),
    "a packed comment": _text_bomb,
    "a page behind a photo": lambda dice: _good(dice) + _page(dice),
    "a document before a photo": lambda dice: b"%PDF-1.7\n" + _good(dice),
    "a program behind a photo": lambda dice: _good(dice) + b"\x7fELF\x02\x01\x01" + dice.randbytes(500),
    "a speck": lambda dice: photo((dice.randint(1, 60), dice.randint(1, 60)), "PNG"),
    "scrambled pixels": _shuffled,
}
