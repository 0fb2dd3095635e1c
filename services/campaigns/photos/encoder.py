"""The program that reads a photo, in a process of its own: `python -I encoder.py < photo > pictures`.

Whatever is wrong with a file, or with the library that reads it, happens here: in a process that knows no
secret, has little memory and time, and ends with this one photo. It uses the standard library and Pillow
alone, because it is started by its path.

What it writes is made of the pixels: a line of JSON, then two WebP files one behind the other. Metadata
(place, device, name, comments, thumbnails, whatever follows the picture) is in neither.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import warnings
import zipfile
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageFile import ImageFile

MOST_PIXELS = 50_000_000
"""What telephones take at their best, some 50 megapixels; 200 MB while it is read."""
LEAST_SIDE = 64
"""A picture of fewer pixels shows nothing. (Trackers are of one.)"""
LARGE, SMALL = 2048, 480
"""The longer side of what is kept, in pixels: for a full screen, and for a list."""
QUALITY = 80
MEMORY_BYTES = 1 << 30
CPU_SECONDS = 15
FORMATS = ("JPEG", "PNG", "WEBP")
REFUSED = 3
"""The exit code for a photo that was refused; why is what was written."""

# The beginning of another kind of file, or of a page that a browser would run: no camera writes these, and
# each is too long to stand in compressed pixels by chance.
_ELSE = re.compile(
    rb"%PDF-1|%PDF-2|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\x7fELF[\x01\x02][\x01\x02]\x01|<\?php"
    rb"|(?i:<script|<iframe|<!doctype|<html[ >]|<svg[ >]|javascript:|onerror=)"
)


class Refusal(Exception):
    """The photo is not taken; the reason is a code."""


def encoded(photo: bytes) -> tuple[dict[str, int], bytes, bytes]:
    """What is known of the pictures, the large one and the small one. Raises Refusal."""
    from PIL import Image, ImageOps

    if _ELSE.search(photo) or zipfile.is_zipfile(BytesIO(photo)):
        raise Refusal("also-something-else")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with _opened(photo) as image:
        _require_fit(image)
        image.draft("RGB", (LARGE, LARGE))  # a JPEG is read at half or a quarter, if that is enough
        try:
            image.load()
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((LARGE, LARGE))
            large = _flat(upright)
        except MemoryError:
            raise
        except Exception as error:
            raise Refusal("broken") from error
    small = large.copy()
    small.thumbnail((SMALL, SMALL))
    said = {"width": large.width, "height": large.height}
    return said, _webp(large), _webp(small)


def _opened(photo: bytes) -> ImageFile:
    from PIL import Image

    try:
        return Image.open(BytesIO(photo), formats=FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Refusal("too-many-pixels") from error
    except MemoryError:
        raise
    except Exception as error:
        raise Refusal("not-a-photo") from error


def _require_fit(image: ImageFile) -> None:
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise Refusal("too-many-pixels")
    if min(width, height) < LEAST_SIDE:
        raise Refusal("too-small")
    # A telephone's JPEG may carry a second picture (a depth or light map): its first is the photo.
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise Refusal("animated")


def _flat(image: Picture) -> Picture:
    """In the colours of the web, on white, with nothing but pixels."""
    from PIL import Image

    profile = image.info.get("icc_profile")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        over = image.convert("RGBA")
        image = Image.new("RGBA", image.size, "white")
        image.alpha_composite(over)
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        image = _in_srgb(image, profile)
    flat = image.convert("RGB")
    return Image.frombytes("RGB", flat.size, flat.tobytes())


def _in_srgb(image: Picture, profile: bytes) -> Picture:
    from PIL import ImageCms

    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        converted = ImageCms.profileToProfile(
            image.convert("RGB") if image.mode == "RGBA" else image,
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
        if converted is not None:
            return converted
    return image  # a profile that cannot be read says nothing


def _webp(image: Picture) -> bytes:
    written = BytesIO()
    image.save(written, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return written.getvalue()


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes into a pipe, and nowhere else
    out = sys.stdout.buffer
    try:
        said, large, small = encoded(sys.stdin.buffer.read())
    except Refusal as refusal:
        out.write(json.dumps({"refused": str(refusal)}).encode())
        return REFUSED
    except MemoryError:
        out.write(b'{"refused": "too-costly"}')
        return REFUSED
    line = json.dumps({**said, "large": len(large), "small": len(small)}).encode()
    out.write(line + b"\n" + large + small)
    out.flush()
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # what it read needs no tidying up
