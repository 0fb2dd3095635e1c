"""Files with secrets that this service makes for itself, outside of production."""

import os
from pathlib import Path


def create_secret(path: Path, content: bytes) -> None:
    """Written under another name and linked: of two processes that start at once, one's file wins whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
