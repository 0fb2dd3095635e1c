"""Files that pages load: our own, and Swagger UI as the package fastapi-offline carries it.

Nothing is loaded from another host. A file's address changes with its content, so browsers may keep it.
"""

from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

OWN = Path(__file__).parent / "static"
_MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


def _swagger_ui() -> Path:
    # Found without importing it: only its files are of use here.
    spec = find_spec("fastapi_offline")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package fastapi-offline is not installed (extra `portal`)")
    return Path(spec.submodule_search_locations[0]) / "static"


@dataclass(frozen=True)
class Asset:
    path: Path
    fingerprint: str

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self.path.suffix]


class Assets:
    """Every file that may be asked for, by name; there is no way to any other."""

    def __init__(self) -> None:
        swagger_ui = _swagger_ui()
        paths = [path for path in OWN.iterdir() if path.suffix in _MEDIA_TYPES]
        paths += [swagger_ui / "swagger-ui-bundle.js", swagger_ui / "swagger-ui.css"]
        self._assets = {path.name: _asset(path) for path in paths}

    def find(self, name: str) -> Asset | None:
        return self._assets.get(name)

    def url(self, name: str) -> str:
        """For templates. Raises KeyError for a file that is not there."""
        return f"/static/{name}?v={self._assets[name].fingerprint}"


def _asset(path: Path) -> Asset:
    return Asset(path, sha256(path.read_bytes()).hexdigest()[:12])
