"""SHA-256 of files and folders, said exactly as `sha256sum` and Terraform say it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from headgate.deploy.errors import CannotDeploy

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def sha256_of(path: Path) -> str:
    """A file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_sha256(folder: Path, suffixes: tuple[str, ...]) -> str:
    """The SHA-256 of what `sha256sum` prints for the files with these suffixes below `folder`, sorted by path.

    With `.yaml` and `.yml` it is what terraform/modules/contracts computes of the contracts, with `.sql` what
    terraform/release.tf computes of the SQL.
    """
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.suffix in suffixes}
    lines = sums_text({name: sha256_of(path) for name, path in found.items() if path.is_file()})
    return hashlib.sha256(lines.encode()).hexdigest()


def sums_text(sums: Mapping[str, str]) -> str:
    """Lines `<sha256>  <path>`, sorted by the bytes of the path; `sha256sum -c` reads them."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums, key=str.encode))


def read_sums(text: str, where: str) -> dict[str, str]:
    """The checksums by path. Raises `CannotDeploy` where a line is none, or a path leads out of the release."""
    sums: dict[str, str] = {}
    for line in text.splitlines():
        found = _LINE.fullmatch(line)
        if found is None or found[2].startswith("/") or ".." in found[2].split("/"):
            raise CannotDeploy(
                f"`{line}` is no line of checksums", where=where, remedy="The release is damaged: use another version."
            )
        sums[found[2]] = found[1]
    return sums


def differences(ours: Mapping[str, str], theirs: Mapping[str, str]) -> list[str]:
    """What differs between two sets of checksums, one line per file, those here and those in the bucket."""
    words = []
    for name in sorted({*ours, *theirs}):
        if name not in theirs:
            words.append(f"{name}: only here")
        elif name not in ours:
            words.append(f"{name}: only in the bucket")
        elif ours[name] != theirs[name]:
            words.append(f"{name}: other content")
    return words
