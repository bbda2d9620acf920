"""Plan an environment and save the plan; apply exactly that plan."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from headgate.deploy.account import Absent, Account, signed_in
from headgate.deploy.checkout import Checkout
from headgate.deploy.digest import sha256_of
from headgate.deploy.environment import Environment, environment
from headgate.deploy.errors import CannotDeploy
from headgate.deploy.release import DESCRIPTION
from headgate.deploy.release_bucket import RemoteRelease
from headgate.deploy.saved_plan import SavedPlan, forget, plan_of, saved_plan, sources_of
from headgate.deploy.terraform import CHANGES, NOTHING_TO_DO, Terraform


@dataclass(frozen=True)
class Target:
    """What is planned: an environment of a checkout, in the account of the credentials, with the lake's name."""

    source: Checkout
    env: Environment
    account: Account
    lake: str

    @property
    def artifacts_bucket(self) -> str:
        """The bucket of the releases."""
        return self.env.artifacts_bucket or self.account.artifacts_bucket

    @property
    def state(self) -> str:
        """The key of the state, in a folder of the lake's: its deployer may read and write no other."""
        return f"{self.lake}/{self.env.name}.tfstate"

    def remote_release(self, version: str) -> RemoteRelease:
        """The release of this version in the artifacts bucket."""
        return RemoteRelease(self.account.s3, self.artifacts_bucket, version)


def find_target(source: Checkout, name: str, lake: str | None = None) -> Target:
    """Find account and region. Raises `CannotDeploy` without credentials, state bucket or artifacts bucket."""
    env = environment(source, name)
    account = signed_in(env.region, env.accounts)
    target = Target(source, env, account, lake or env.lake)
    account.require_bucket(account.state_bucket)
    account.require_bucket(target.artifacts_bucket)
    return target


def plan(
    target: Target, version: str, *, contracts: Path | None = None, sql: Path | None = None, retire: Sequence[str] = ()
) -> bool:
    """Plan on a release, save the plan and return whether it has changes. Default: the checkout's contracts and SQL.

    `retire` names datasets that may be removed although neither a contract nor `retired:` mentions them.
    """
    source, env = target.source, target.env
    forget(source, env.name)  # if this fails, the older plan must not be applied instead
    _require_release(target, version)
    source.plans.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = plan_of(source, env.name)
    terraform = initialised(target)
    folders = {"contracts_dir": contracts, "sql_dir": sql}
    variables = [f"-var-file={env.file}", f"-var=name={target.lake}", f"-var=release={version}"]  # the last one wins
    variables += [f"-var={name}={folder}" for name, folder in folders.items() if folder is not None]
    variables += [f"-var=retire={json.dumps(list(retire))}"] if retire else []
    sources = sources_of(source, contracts or source.contracts, sql or source.sql)
    exit_code = terraform.run(
        "plan", "-detailed-exitcode", f"-out={file}", *variables, accepted=(NOTHING_TO_DO, CHANGES)
    )
    file.chmod(0o600)  # a plan contains values in clear text
    SavedPlan(
        environment=env.name,
        lake=target.lake,
        account=target.account.id,
        region=target.account.region,
        release=version,
        state=target.state,
        contracts=str(contracts or source.contracts),
        sql=str(sql or source.sql),
        plan_sha256=sha256_of(file),
        sources=sources,
    ).write(source)
    return exit_code == CHANGES


def apply(source: Checkout, name: str) -> SavedPlan:
    """Apply exactly the saved plan. Raises `CannotDeploy` when there is none, or it does not match the sources."""
    saved = saved_plan(source, name)
    account = signed_in(saved.region, [saved.account])
    _initialised(source, account, saved.state).run("apply", str(plan_of(source, name)))
    forget(source, name)
    return saved


def _require_release(target: Target, version: str) -> None:
    remote = target.remote_release(version)
    try:
        remote.read(DESCRIPTION)
    except Absent:
        raise CannotDeploy(
            f"release {version} does not exist, or its upload did not finish",
            where=str(remote),
            remedy=f"Build and upload it: `make release VERSION={version} ENV={target.env.name}`; "
            f"or correct `release` in {target.env.file.name}.",
        ) from None


def initialised(target: Target, *, quiet: bool = False) -> Terraform:
    """Terraform with the backend of the target, in a data folder of its own."""
    return _initialised(target.source, target.account, target.state, quiet=quiet)


def data_folder(state: str) -> str:
    """Terraform's own folder for a state, below the folder of the root module."""
    return f".terraform/{state.removesuffix('.tfstate')}"


def _initialised(source: Checkout, account: Account, state: str, *, quiet: bool = False) -> Terraform:
    terraform = Terraform(source.terraform, data_folder(state))
    backend = {"bucket": account.state_bucket, "region": account.region, "key": state}
    words = [f"-backend-config={key}={value}" for key, value in backend.items()]
    terraform.run("init", "-reconfigure", *words, shown=not quiet)
    return terraform
