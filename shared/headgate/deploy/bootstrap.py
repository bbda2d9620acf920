"""Make the buckets of state and releases and their key, once per account and region; again, it changes nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from headgate.deploy.account import Account, aws
from headgate.deploy.checkout import Checkout
from headgate.deploy.errors import CannotDeploy
from headgate.deploy.terraform import CHANGES, NOTHING_TO_DO, Terraform

_ALIAS = "alias/headgate-artifacts"


def bootstrap(source: Checkout, account: Account, tell: Callable[[str], None] = lambda line: None) -> bool:
    """Bring terraform/bootstrap about; True when something was made or changed.

    Its state is a local file of its own per account and region. Where that file is not (another machine, a fresh
    clone), what stands in the account is imported first. Nothing is ever removed or replaced: such a plan is refused.
    """
    terraform = Terraform(source.terraform / "bootstrap")
    terraform.run("init")
    terraform.run("workspace", "select", "-or-create=true", f"{account.id}-{account.region}")
    _adopt(terraform, account, tell)
    with tempfile.TemporaryDirectory(prefix="headgate-bootstrap-") as folder:
        file = Path(folder, "plan")
        ended = terraform.run(
            "plan", "-detailed-exitcode", f"-out={file}", *_variables(account), may_end=(NOTHING_TO_DO, CHANGES)
        )
        if ended == CHANGES:
            _refuse_removal(terraform.show(file))
            terraform.run("apply", str(file))
    return ended == CHANGES


def _variables(account: Account) -> list[str]:
    return [f"-var=region={account.region}", f'-var=allowed_account_ids=["{account.id}"]']


def _adopt(terraform: Terraform, account: Account, tell: Callable[[str], None]) -> None:
    known = set(_addresses(terraform.show().get("values", {}).get("root_module", {})))
    for address, name in _there(account).items():
        if address not in known:
            tell(f"{name} is there already: taken over.")
            terraform.run("import", *_variables(account), address, name)


def _addresses(module: dict[str, Any]) -> Iterator[str]:
    yield from (one["address"] for one in module.get("resources", ()))
    for child in module.get("child_modules", ()):
        yield from _addresses(child)


def _there(account: Account) -> dict[str, str]:
    """What stands in the account under bootstrap's names, by Terraform's address."""
    buckets = {"state": account.state_bucket, "artifacts": account.artifacts_bucket}
    found = {
        f'module.bucket["{role}"].aws_s3_bucket.this': name
        for role, name in buckets.items()
        if account.has_bucket(name)
    }
    key = _key(account)
    return {**found, **({"aws_kms_key.bootstrap": key, "aws_kms_alias.bootstrap": _ALIAS} if key else {})}


def _key(account: Account) -> str | None:
    with aws(_ALIAS):
        pages = account.session.client("kms", region_name=account.region).get_paginator("list_aliases").paginate()
        aliases = [one for page in pages for one in page["Aliases"]]
    return next((one.get("TargetKeyId") for one in aliases if one["AliasName"] == _ALIAS), None)


def _refuse_removal(plan: dict[str, Any]) -> None:
    removed = [one["address"] for one in plan.get("resource_changes", ()) if "delete" in one["change"]["actions"]]
    if removed:
        raise CannotDeploy(
            f"bootstrap would remove or replace {', '.join(removed)}; nothing was done",
            where="terraform/bootstrap",
            remedy="State and releases of every lake lie there. Compare terraform/bootstrap with what stands in the "
            "account, and change it by hand.",
        )
