"""Go back to an older release: plan with its contracts and SQL, downloaded from the bucket and verified."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from headgate.deploy.account import Absent, aws
from headgate.deploy.digest import SUMS, read_sums
from headgate.deploy.errors import CannotDeploy
from headgate.deploy.plan import Target, plan
from headgate.deploy.release_bucket import RemoteRelease
from headgate.deploy.saved_plan import forget
from headgate.lake.local_files import inside

_PLANNED = ("contracts/", "sql/")


def plan_older_release(target: Target, version: str, retire: Sequence[str] = ()) -> bool:
    """Plan the environment on `version` and return whether the plan has changes; `apply` applies it.

    `retire` names the datasets that are newer than that release and are removed with it. Terraform refuses the plan
    if it would remove a dataset that is not named, or keep one that is.
    The downloaded files stay beside the plan until it is applied, because Terraform reads them again then.
    """
    forget(target.source, target.env.name)
    folder = target.source.plans / f"{target.env.name}-{version}"
    download_texts(target.remote_release(version), folder)
    return plan(target, version, contracts=folder / "contracts", sql=folder / "sql", retire=retire)


def download_texts(remote: RemoteRelease, folder: Path) -> None:
    """Download a release's contracts and SQL to `folder`. Raises `CannotDeploy` for a file that is not as released."""
    sums = _sums(remote)
    shutil.rmtree(folder, ignore_errors=True)
    for name in (path for path in sums if path.startswith(_PLANNED)):
        target = inside(folder, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_verified(remote, name, sums[name]))
    (folder / "sql").mkdir(exist_ok=True, parents=True)


def _verified(remote: RemoteRelease, name: str, sha256: str) -> bytes:
    try:
        content = remote.read(name)
    except Absent:
        content = b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CannotDeploy(
            f"`{name}` is not what was released: its checksum differs, or it was deleted",
            where=str(remote),
            remedy="Restore its first version (the bucket keeps replaced versions), or choose another release.",
        )
    return content


def _sums(remote: RemoteRelease) -> dict[str, str]:
    try:
        return read_sums(remote.read(SUMS).decode(), f"{remote}{SUMS}")
    except Absent:
        versions = ", ".join(_versions(remote)) or "none"
        raise CannotDeploy(
            f"there is no release {remote.version} to go back to",
            where=str(remote),
            remedy=f"Available releases: {versions}.",
        ) from None


def _versions(remote: RemoteRelease) -> list[str]:
    with aws(remote.bucket):
        pages = remote.s3.get_paginator("list_objects_v2").paginate(
            Bucket=remote.bucket, Prefix="releases/", Delimiter="/"
        )
        return [folder["Prefix"].split("/")[1] for page in pages for folder in page.get("CommonPrefixes", ())]
