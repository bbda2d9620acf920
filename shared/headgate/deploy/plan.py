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
from headgate.deploy.release_bucket import Shelf
from headgate.deploy.saved_plan import SavedPlan, forget, plan_of, saved_plan, sources_of
from headgate.deploy.terraform import CHANGES, NOTHING_TO_DO, Terraform


@dataclass(frozen=True)
class Target:
    """What is planned: an environment of a checkout, in the account of the credentials, under a lake's name."""

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
        """The key of the state: the environment's, or one of its own for a lake under another name."""
        return f"{self.env.name}.tfstate" if self.lake == self.env.lake else f"{self.env.name}.{self.lake}.tfstate"

    def shelf(self, version: str) -> Shelf:
        """The place of a release."""
        return Shelf(self.account.s3, self.artifacts_bucket, version)


def target(source: Checkout, name: str, lake: str | None = None) -> Target:
    """Find account and region; raises `CannotDeploy` when credentials, state or artifacts bucket are not there."""
    env = environment(source, name)
    account = signed_in(env.region, env.accounts)
    made = Target(source, env, account, lake or env.lake)
    account.must_have(account.state_bucket)
    account.must_have(made.artifacts_bucket)
    return made


def plan(
    on: Target, version: str, *, contracts: Path | None = None, sql: Path | None = None, retire: Sequence[str] = ()
) -> bool:
    """Plan on a release and save the plan; True when it holds changes. By default with the checkout's contracts.

    `retire` names datasets that may go although no contract and no line under `retired:` speaks of them.
    """
    forget(on.source, on.env.name)  # whatever follows, an older plan is not applied in its stead
    _must_be_released(on, version)
    on.source.plans.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = plan_of(on.source, on.env.name)
    terraform = _initialised(on.source, on.account, on.state)
    folders = {"contracts_dir": contracts, "sql_dir": sql}
    asked = [f"-var-file={on.env.file}", f"-var=name={on.lake}", f"-var=release={version}"]  # the last one counts
    asked += [f"-var={name}={folder}" for name, folder in folders.items() if folder is not None]
    asked += [f"-var=retire={json.dumps(list(retire))}"] if retire else []
    made_of = sources_of(on.source, contracts or on.source.contracts, sql or on.source.sql)
    ended = terraform.run("plan", "-detailed-exitcode", f"-out={file}", *asked, may_end=(NOTHING_TO_DO, CHANGES))
    file.chmod(0o600)  # it holds values
    SavedPlan(
        environment=on.env.name,
        lake=on.lake,
        account=on.account.id,
        region=on.account.region,
        release=version,
        state=on.state,
        contracts=str(contracts or on.source.contracts),
        sql=str(sql or on.source.sql),
        plan_sha256=sha256_of(file),
        sources=made_of,
    ).write(on.source)
    return ended == CHANGES


def apply(source: Checkout, name: str) -> SavedPlan:
    """Apply exactly the saved plan. Raises `CannotDeploy` when there is none, or it is not for what is here now."""
    saved = saved_plan(source, name)
    account = signed_in(saved.region, [saved.account])
    _initialised(source, account, saved.state).run("apply", str(plan_of(source, name)))
    forget(source, name)
    return saved


def _must_be_released(on: Target, version: str) -> None:
    try:
        on.shelf(version).read(DESCRIPTION)
    except Absent:
        raise CannotDeploy(
            f"release {version} is not there, or its upload has not ended",
            where=str(on.shelf(version)),
            remedy=f"Make it: `make release VERSION={version} ENV={on.env.name}`; "
            f"or correct `release` in {on.env.file.name}.",
        ) from None


def _initialised(source: Checkout, account: Account, state: str) -> Terraform:
    terraform = Terraform(source.terraform)
    backend = {"bucket": account.state_bucket, "region": account.region, "key": state}
    terraform.run("init", "-reconfigure", *(f"-backend-config={key}={value}" for key, value in backend.items()))
    return terraform
