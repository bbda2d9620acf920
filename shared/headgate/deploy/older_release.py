"""Go back to an older release: plan with its contracts and SQL, fetched from the bucket and verified."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from headgate.deploy.account import Absent, aws
from headgate.deploy.digest import SUMS, read_sums
from headgate.deploy.errors import CannotDeploy
from headgate.deploy.plan import Target, plan
from headgate.deploy.release_bucket import Shelf
from headgate.deploy.saved_plan import forget

_PLANNED = ("contracts/", "sql/")


def rollback(on: Target, version: str, retire: Sequence[str] = ()) -> bool:
    """Plan the environment on `version`; `apply` applies the plan. True when the plan holds changes.

    `retire` names the datasets that came after that release and go with it. Terraform refuses the plan when one that
    is not named would go, and when one that is named would stay.
    What was fetched stays beside the plan until it is applied, since Terraform reads it once more then.
    """
    forget(on.source, on.env.name)
    folder = on.source.plans / f"{on.env.name}-{version}"
    fetch(on.shelf(version), folder)
    return plan(on, version, contracts=folder / "contracts", sql=folder / "sql", retire=retire)


def fetch(shelf: Shelf, folder: Path) -> None:
    """Bring a release's contracts and SQL into `folder`. Raises `CannotDeploy` for any file that is not as released."""
    sums = _sums(shelf)
    shutil.rmtree(folder, ignore_errors=True)
    for name in (one for one in sums if one.startswith(_PLANNED)):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_verified(shelf, name, sums[name]))
    (folder / "sql").mkdir(exist_ok=True, parents=True)


def _verified(shelf: Shelf, name: str, sha256: str) -> bytes:
    try:
        content = shelf.read(name)
    except Absent:
        content = b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CannotDeploy(
            f"`{name}` is not what was released: its checksum differs, or it is gone",
            where=str(shelf),
            remedy="Bring its first version back (the bucket keeps replaced versions), or choose another release.",
        )
    return content


def _sums(shelf: Shelf) -> dict[str, str]:
    try:
        return read_sums(shelf.read(SUMS).decode(), f"{shelf}{SUMS}")
    except Absent:
        there = ", ".join(_versions(shelf)) or "none"
        raise CannotDeploy(
            f"there is no release {shelf.version} to go back to", where=str(shelf), remedy=f"There are: {there}."
        ) from None


def _versions(shelf: Shelf) -> list[str]:
    with aws(shelf.bucket):
        pages = shelf.s3.get_paginator("list_objects_v2").paginate(
            Bucket=shelf.bucket, Prefix="releases/", Delimiter="/"
        )
        return [one["Prefix"].split("/")[1] for page in pages for one in page.get("CommonPrefixes", ())]
