"""The wheelhouse: all that a job installs in one zip, laid out as AWS's guide describes (wheels and requirements.txt).

The library's own wheel is among them. Beside the zip, as a second module of the job's arguments, pip would have to
resolve its dependencies by itself, and nothing documents that Glue installs the zip first.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from headgate.deploy.archive import write_zip
from headgate.deploy.digest import sha256_of
from headgate.deploy.wheel_pins import Pin, read_pins
from headgate.deploy.wheels import download
from headgate.spark.jars import cache_folder

WHEELHOUSE = "wheelhouse.gluewheels.zip"  # Glue recognises a zip of wheels by this suffix only


def build_wheelhouse(folder: Path, library: Path, pins: list[Pin] | None = None) -> Path:
    """Write the zip of the library's wheel and the pinned ones into `folder`; those in the cache are not downloaded."""
    wanted = pins or read_pins()
    name, version = library.name.split("-")[:2]
    entries = {f"wheels/{wheel.name}": wheel.read_bytes() for wheel in [library, *wheels(wanted)]}
    lines = [f"{name}=={version}", *(f"{pin.name}=={pin.version}" for pin in wanted)]
    entries["wheels/requirements.txt"] = "".join(f"{line}\n" for line in lines).encode()
    write_zip(folder / WHEELHOUSE, entries)
    return folder / WHEELHOUSE


def wheels(pins: list[Pin]) -> list[Path]:
    """Return the pinned wheels as files in the cache, each with the pinned hash."""
    cache = cache_folder() / "wheels"
    cache.mkdir(parents=True, exist_ok=True)
    cached = _by_hash(cache)
    missing = [pin for pin in pins if pin.sha256 not in cached]
    if missing:
        _download(missing, cache)
        cached = _by_hash(cache)
    return [cached[pin.sha256] for pin in pins]


def _by_hash(cache: Path) -> dict[str, Path]:
    return {sha256_of(wheel): wheel for wheel in sorted(cache.glob("*.whl"))}


def _download(pins: list[Pin], cache: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".fetched-", dir=cache) as folder:
        requirements = Path(folder, "requirements.txt")
        requirements.write_text("".join(f"{pin.name}=={pin.version} --hash=sha256:{pin.sha256}\n" for pin in pins))
        for wheel in download(["--require-hashes", "-r", str(requirements)], Path(folder)):
            os.replace(wheel, cache / wheel.name)
