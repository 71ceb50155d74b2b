"""The manifest of a run: what would have to be the same to get the same bytes again."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from sim.store.files import write_text, writing
from sim.store.version import SCHEMA_VERSION, code_revision, model_version, package_versions, release

MANIFEST = "manifest.json"
_PNG = ".png"
_IMAGES = (_PNG, ".svg")


def manifest_of(run: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest: the description of a run and of the software, without clock or machine.

    Parameters
    ----------
    run : dict
        Name, seed, counts and hashes of the run.
    """
    return {
        **run,
        "version": release(),
        "code_revision": code_revision(),
        "model_version": model_version(),
        "schema_version": SCHEMA_VERSION,
        "python": ".".join(platform.python_version_tuple()[:2]),
        "packages": package_versions(),
    }


def write_manifest(folder: Path, run: dict[str, Any], files: list[str], drawn: Sequence[str] = ()) -> None:
    """Write ``manifest.json`` with the hashes of the named files of ``folder``.

    ``drawn`` are listed apart: pages and images that may be missing, because the files draw them again.
    """
    with writing(folder):
        hashes = [
            {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted(names)}
            for names in (files, drawn)
        ]
    manifest = manifest_of({**run, "files": hashes[0], **({"drawn": hashes[1]} if drawn else {})})
    write_text(folder / MANIFEST, json.dumps(manifest, indent=2, sort_keys=True) + "\n")


def record_folder(
    folder: Path, made_by: dict[str, Any], tables: Sequence[Path], pages: Sequence[Path], images: bool
) -> Path:
    """Write the manifest of a folder that a command filled, delete what an earlier one left; return its path.

    Parameters
    ----------
    folder : Path
    made_by : dict
        What must be the same to get these files again.
    tables, pages : sequence of Path
        What was written, directly in ``folder``; images stand beside the pages.
    images : bool
        Whether images of the pages were drawn this time.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    beside = [page.with_suffix(end) for page in pages for end in _IMAGES] if images else []
    there = [image for image in beside if image.exists()]
    files = [path.name for path in (*tables, *there) if path.suffix != _PNG]
    drawn = [path.name for path in (*pages, *there) if path.suffix in (_PNG, ".html")]
    drop_stale(folder, {*files, *drawn})
    write_manifest(folder, made_by, files, drawn)
    return folder / MANIFEST


def drop_stale(folder: Path, kept: Collection[str]) -> None:
    """Delete what the manifest of a folder lists and ``kept`` does not name; a file that was changed stays.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    try:
        before = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        listed = {**before["files"], **before.get("drawn", {})}.items()
    except (OSError, ValueError, LookupError, AttributeError, TypeError):
        return
    with writing(folder):
        for name, digest in listed:
            path = folder / Path(name).name
            gone = path.name not in kept and path.is_file()
            if gone and hashlib.sha256(path.read_bytes()).hexdigest() == digest:
                path.unlink()
