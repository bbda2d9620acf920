"""Build a virtual environment, or a folder of packages, from pinned requirements, unless it is up to date.

Usage, with any Python 3.11 and nothing installed::

    python tools/environment.py .venv requirements-dev.txt --editable .
    python tools/environment.py .cache/awsglue tools/pins/awsglue.txt --folder-only

A stamp file in the folder records the hash of the requirements and the folder's path. It is written last, so that an
interrupted installation is repeated. uv installs the packages, since it is several times faster; if it fails, pip does.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

STAMP = ".ready"
UV_PINS = Path(__file__).with_name("pins") / "uv.txt"


class CannotInstall(Exception):
    """Something could not be installed; the message says what, and what to do."""


def stamp(folder: Path, files: Sequence[Path]) -> str:
    """Return the content of the stamp of a folder that is up to date."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return f"{digest.hexdigest()} at {folder.resolve()}\n"


def up_to_date(folder: Path, wanted: str) -> bool:
    """Return whether the folder was built completely, from the current requirements."""
    file = folder / STAMP
    python = python_of(folder)
    usable = python.exists() or not python.is_symlink()  # a broken link: the machine's Python was removed
    return usable and file.is_file() and file.read_text() == wanted


def python_of(folder: Path) -> Path:
    """Return the path of the environment's Python (Linux, macOS)."""
    return folder / "bin" / "python"


def create(folder: Path) -> None:
    """Create an empty virtual environment with pip."""
    try:
        venv.create(folder, clear=True, symlinks=True, with_pip=True)
    except (subprocess.CalledProcessError, OSError) as error:
        raise CannotInstall(
            f"{folder}: Python {sys.version.split()[0]} could not create a virtual environment ({error}).\n"
            "On Debian and Ubuntu install the package python3.11-venv first."
        ) from error


def pip_settings(python: Path) -> dict[str, str]:
    """Return pip's index and certificates on this machine as uv's settings, because uv does not read pip's."""
    listed = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    values = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        values[name.rpartition(".")[2]] = value.strip("'\"")
    variables = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
    return {
        variable: values[name] for name, variable in variables.items() if name in values and variable not in os.environ
    }


def succeeds(command: Sequence[str | Path], **settings: str) -> bool:
    """Run a command with its output shown, and return whether it succeeded."""
    shown = [str(part) for part in command]
    return subprocess.run(shown, env={**os.environ, **settings}).returncode == 0


def install(python: Path, arguments: Sequence[str | Path]) -> None:
    """Install with uv, or with pip if uv cannot be installed or fails."""
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    uv = [python, "-m", "uv", "pip", "install", "--python", python, "--quiet"]
    settings = pip_settings(python)
    if succeeds([*pip, "install", "--quiet", "--require-hashes", "-r", UV_PINS]) and succeeds(
        [*uv, *arguments], **settings
    ):
        return
    print("uv could not install; trying pip, which is slower.", flush=True)
    if not succeeds([*pip, "install", "--quiet", *arguments]):
        packages = " ".join(str(part) for part in arguments)
        raise CannotInstall(
            f"Neither uv nor pip could install: {packages}\n"
            "The messages above name the package. Both need a Python package index: check the network, the proxy\n"
            "(HTTPS_PROXY, PIP_CERT) or pip's index-url, then run the same command again."
        )


def build(folder: Path, requirements: Path, editable: Path | None) -> None:
    """Build the virtual environment from scratch, with the project itself if `editable` names it."""
    create(folder)
    install(python_of(folder), ["--require-hashes", "-r", requirements])
    if editable is not None:
        install(python_of(folder), ["--no-deps", "--no-build-isolation", "-e", editable])


def fill(folder: Path, requirements: Path) -> None:
    """Install into a plain folder without dependencies; its users add the folder to their Python path."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if not succeeds([*pip, "--no-deps", "--require-hashes", "--target", folder, "-r", requirements]):
        raise CannotInstall(f"pip could not install {requirements} into {folder}; its message is above.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring one folder up to date; return 0 if it is, 1 after printing why it cannot be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("requirements", type=Path)
    parser.add_argument("--editable", type=Path, help="a project to install in editable mode, without its dependencies")
    parser.add_argument(
        "--folder-only", action="store_true", help="build a folder of packages, not a virtual environment"
    )
    options = parser.parse_args(arguments)

    editable = options.editable
    files = [options.requirements, *([editable / "pyproject.toml"] if editable else [])]
    wanted = stamp(options.folder, files)
    if up_to_date(options.folder, wanted):
        return 0
    print(f"Installing {options.requirements} into {options.folder} (once; about a minute) ...", flush=True)
    try:
        if options.folder_only:
            fill(options.folder, options.requirements)
        else:
            build(options.folder, options.requirements, editable)
    except CannotInstall as error:
        print(error, file=sys.stderr)
        return 1
    (options.folder / STAMP).write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
