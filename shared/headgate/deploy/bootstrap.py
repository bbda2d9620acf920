"""Create the state bucket, the artifacts bucket and their key, once per account and region."""

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


def bootstrap(source: Checkout, account: Account, report: Callable[[str], None] = lambda line: None) -> bool:
    """Apply terraform/bootstrap and return whether anything was created or changed.

    Its state is a local file per account and region. Where that file is missing (another machine, a fresh clone),
    resources that exist in the account are imported first. A plan that removes or replaces a resource is refused.
    """
    terraform = Terraform(source.terraform / "bootstrap")
    terraform.run("init")
    terraform.run("workspace", "select", "-or-create=true", f"{account.id}-{account.region}")
    _import_existing(terraform, account, report)
    with tempfile.TemporaryDirectory(prefix="headgate-bootstrap-") as folder:
        plan = Path(folder, "plan")
        exit_code = terraform.run(
            "plan", "-detailed-exitcode", f"-out={plan}", *_variables(account), accepted=(NOTHING_TO_DO, CHANGES)
        )
        if exit_code == CHANGES:
            _refuse_removal(terraform.show(plan))
            terraform.run("apply", str(plan))
    return exit_code == CHANGES


def _variables(account: Account) -> list[str]:
    return [f"-var=region={account.region}", f'-var=allowed_account_ids=["{account.id}"]']


def _import_existing(terraform: Terraform, account: Account, report: Callable[[str], None]) -> None:
    known = set(_addresses(terraform.show().get("values", {}).get("root_module", {})))
    for address, name in _existing(account).items():
        if address not in known:
            report(f"{name} exists already: importing it into Terraform's state.")
            terraform.run("import", *_variables(account), address, name)


def _addresses(module: dict[str, Any]) -> Iterator[str]:
    yield from (resource["address"] for resource in module.get("resources", ()))
    for child in module.get("child_modules", ()):
        yield from _addresses(child)


def _existing(account: Account) -> dict[str, str]:
    """Bootstrap's resources that exist in the account, by their Terraform address."""
    buckets = {"state": account.state_bucket, "artifacts": account.artifacts_bucket}
    resources = {
        f'module.bucket["{role}"].aws_s3_bucket.this': name
        for role, name in buckets.items()
        if account.has_bucket(name)
    }
    key = _key(account)
    return {**resources, **({"aws_kms_key.bootstrap": key, "aws_kms_alias.bootstrap": _ALIAS} if key else {})}


def _key(account: Account) -> str | None:
    with aws(_ALIAS):
        pages = account.session.client("kms", region_name=account.region).get_paginator("list_aliases").paginate()
        aliases = [alias for page in pages for alias in page["Aliases"]]
    return next((alias.get("TargetKeyId") for alias in aliases if alias["AliasName"] == _ALIAS), None)


def _refuse_removal(plan: dict[str, Any]) -> None:
    changes = plan.get("resource_changes", ())
    removed = [change["address"] for change in changes if "delete" in change["change"]["actions"]]
    if removed:
        raise CannotDeploy(
            f"bootstrap would remove or replace {', '.join(removed)}; nothing was changed",
            where="terraform/bootstrap",
            remedy="They hold the state and the releases of every lake. Compare terraform/bootstrap with the account, "
            "and make the change by hand.",
        )
