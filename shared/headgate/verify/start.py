"""Sign in and find the lake of an environment; nothing is sent yet."""

from __future__ import annotations

from pathlib import Path

from headgate.deploy.account import signed_in
from headgate.deploy.checkout import checkout
from headgate.deploy.environment import environment
from headgate.errors import UnusableArgument
from headgate.verify.clients import clients
from headgate.verify.clock import Clock
from headgate.verify.created import Created
from headgate.verify.lake_names import LakeNames
from headgate.verify.preflight import find_job, find_others
from headgate.verify.probe import ProbeFailed, aws_errors_as_failures
from headgate.verify.probed_lake import ProbedLake


def find_lake(env: str, name: str, folder: Path, clock: Clock | None = None) -> ProbedLake:
    """Find the lake of an environment on the account of the credentials."""
    chosen = environment(checkout(folder), env)
    account = signed_in(chosen.region, chosen.accounts)
    partition = account.caller_arn.split(":")[1]
    names = LakeNames(name or chosen.lake, account.id, account.region, partition)
    aws, clock = clients(account.session, account.region), clock or Clock()
    try:
        with aws_errors_as_failures():
            job = find_job(aws, names)
            others, missing = find_others(aws, names)
            return ProbedLake(aws, job, clock, Created(clock.now()), others=others, missing=missing)
    except ProbeFailed as failure:
        raise UnusableArgument(
            f"the account cannot be inspected: {failure}",
            where=account.caller_arn,
            remedy="Sign in as a role with the rights that docs/VERIFY.md lists; "
            f"its name must begin with `{names.lake}-`.",
        ) from None
