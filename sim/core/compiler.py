"""Whether the kernels are compiled, and where the compiled code is kept."""

from __future__ import annotations

import os
import tempfile
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

SWITCH = "CHOKEPOINT_COMPILE"


def compiled_available() -> bool:
    """Return whether kernels are compiled: a compiler is installed and ``CHOKEPOINT_COMPILE`` is not 0."""
    return os.environ.get(SWITCH, "1") != "0" and find_spec("numba") is not None


def source_hash(*sources: str) -> str:
    """Return a short hash of the text of source files, in the given order."""
    digest = blake2b(digest_size=8)
    for source in sources:
        digest.update(Path(source).read_bytes())
    return digest.hexdigest()


def cache_folder(chosen: str, *sources: str) -> Path:
    """Return the folder for compiled code of exactly these sources.

    Parameters
    ----------
    chosen : str
        Folder that the user chose (``NUMBA_CACHE_DIR``); empty takes the user's cache folder. If
        neither can be written to, a private temporary folder is taken.
    sources : str
        Files that hold the kernels.
    """
    user = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or "~/.cache"
    parent = Path(chosen) if chosen else Path(user).expanduser() / "chokepoint"
    return (parent if _writable(parent) else _private_temporary()) / source_hash(*sources)


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _private_temporary() -> Path:
    owner = getattr(os, "getuid", lambda: "user")()
    folder = Path(tempfile.gettempdir()) / f"chokepoint-{owner}"
    folder.mkdir(mode=0o700, exist_ok=True)
    # Cached code is executed: a folder that somebody else prepared is not to be trusted.
    if hasattr(os, "getuid") and (folder.stat().st_uid != owner or folder.stat().st_mode & 0o022):
        return Path(tempfile.mkdtemp(prefix="chokepoint-"))
    return folder
