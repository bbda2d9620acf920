"""SHA-256 of files and folders, in the format of `sha256sum`, which Terraform computes as well."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from headgate.deploy.errors import CannotDeploy

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_sha256(folder: Path, suffixes: tuple[str, ...]) -> str:
    """Return the SHA-256 of the output of `sha256sum` for the files with these suffixes below `folder`, sorted by path.

    With `.yaml` and `.yml` it equals what terraform/modules/contracts computes from the contracts, with `.sql` what
    terraform/release.tf computes from the SQL.
    """
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.suffix in suffixes}
    lines = sums_text({name: sha256_of(path) for name, path in paths.items() if path.is_file()})
    return hashlib.sha256(lines.encode()).hexdigest()


def sums_text(sums: Mapping[str, str]) -> str:
    """Return lines `<sha256>  <path>`, sorted by the bytes of the path; `sha256sum -c` reads them."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums, key=str.encode))


def read_sums(text: str, where: str) -> dict[str, str]:
    """Return the checksums by path. Raises `CannotDeploy` for a malformed line, or a path outside the release."""
    sums: dict[str, str] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None or match[2].startswith("/") or ".." in match[2].split("/"):
            raise CannotDeploy(
                f"`{line}` is not a valid checksum line",
                where=where,
                remedy="The release is damaged: use another version.",
            )
        sums[match[2]] = match[1]
    return sums


def differences(ours: Mapping[str, str], theirs: Mapping[str, str]) -> list[str]:
    """Compare local checksums with those in the bucket; return one line per file that differs."""
    lines = []
    for name in sorted({*ours, *theirs}):
        if name not in theirs:
            lines.append(f"{name}: only here")
        elif name not in ours:
            lines.append(f"{name}: only in the bucket")
        elif ours[name] != theirs[name]:
            lines.append(f"{name}: different content")
    return lines
