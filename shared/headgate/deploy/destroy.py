"""Destroy a lake: say what will be deleted and where, ask for its name, and delete exactly that."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from headgate.deploy.account import Absent, aws
from headgate.deploy.errors import CannotDeploy
from headgate.deploy.plan import Target, initialised
from headgate.deploy.terraform import CHANGES, NOTHING_TO_DO

_SHOWN = 8  # kinds of resources that the summary names


def destroy(target: Target, ask: Callable[[str], str], report: Callable[[str], None]) -> bool:
    """Destroy the lake of an environment after its name was typed; returns whether anything was there.

    Raises `CannotDeploy` when the lake is protected, a bucket holds objects, or another name is typed.
    """
    if target.env.protected:
        raise CannotDeploy(
            f"`{target.lake}` is protected",
            where=str(target.env.file),
            remedy=f"Set `protected = false`, then `make plan ENV={target.env.name}` and `make apply`.",
        )
    terraform = initialised(target)
    with tempfile.TemporaryDirectory(prefix="headgate-destroy-") as folder:
        file = Path(folder, "plan")
        words = ["-destroy", "-detailed-exitcode", f"-out={file}", f"-var-file={target.env.file}"]
        code = terraform.run("plan", *words, f"-var=name={target.lake}", accepted=(NOTHING_TO_DO, CHANGES))
        if code == NOTHING_TO_DO:
            return False
        deleted = list(_deleted(terraform.show(file)))
        _require_empty(target, [change for change in deleted if change["type"] == "aws_s3_bucket"])
        for line in _summary(target, deleted):
            report(line)
        typed = ask(f"Type the lake's name to delete it ({target.lake}): ")
        if typed.strip() != target.lake:
            raise CannotDeploy(
                f"`{typed.strip()}` is not the lake's name; nothing was deleted",
                remedy=f"Type `{target.lake}` to delete it.",
            )
        terraform.run("apply", str(file))
    return True


def _deleted(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    changes = plan.get("resource_changes", ())
    yield from (change for change in changes if "delete" in change["change"]["actions"])


def _require_empty(target: Target, buckets: list[Mapping[str, Any]]) -> None:
    names = [str(change["change"]["before"]["bucket"]) for change in buckets]
    full = [name for name in names if _has_objects(target, name)]
    if full:
        raise CannotDeploy(
            f"these buckets hold objects: {', '.join(full)}; nothing was deleted",
            where=f"account {target.account.id}",
            remedy="Empty them with all versions (docs/SETUP_GUIDE.md, Tear it down), then run the command again.",
        )


def _has_objects(target: Target, bucket: str) -> bool:
    try:
        with aws(bucket):
            found = target.account.s3.list_object_versions(Bucket=bucket, MaxKeys=1)
    except Absent:
        return False
    return any(not item["Key"].endswith("/") for kind in ("Versions", "DeleteMarkers") for item in found.get(kind, ()))


def _summary(target: Target, deleted: list[Mapping[str, Any]]) -> Iterator[str]:
    kinds = Counter(change["type"].removeprefix("aws_") for change in deleted if change["type"].startswith("aws_"))
    shown = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common(_SHOWN))
    yield f"This deletes the lake `{target.lake}` in account {target.account.id}, {target.account.region}:"
    yield f"  {len(deleted)} resources: {shown}, …"
    for change in deleted:
        if change["type"] in ("aws_s3_bucket", "aws_glue_catalog_database", "aws_kms_key"):
            before = change["change"]["before"]
            name = before.get("bucket") or before.get("name") or before.get("arn")
            yield f"  {change['type'].removeprefix('aws_')}: {name}"
