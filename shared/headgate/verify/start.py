"""From an environment's name to the account, signed in and looked at; nothing is sent yet."""

from __future__ import annotations

from pathlib import Path

from headgate.deploy.account import signed_in
from headgate.deploy.checkout import checkout
from headgate.deploy.environment import environment
from headgate.errors import UnusableArgument
from headgate.verify.clock import Clock
from headgate.verify.created import Traces
from headgate.verify.lake_names import Site, clients
from headgate.verify.preflight import target
from headgate.verify.probe import NotShown, as_not_shown
from headgate.verify.probed_lake import Scene


def scene_at(env: str, name: str, folder: Path, clock: Clock | None = None) -> Scene:
    """The lake of an environment, found on the account that the credentials are for."""
    of = environment(checkout(folder), env)
    account = signed_in(of.region, of.accounts)
    partition = account.who.split(":")[1]
    site = Site(name or of.lake, account.id, account.region, partition)
    asked, time = clients(account.session, account.region), clock or Clock()
    try:
        with as_not_shown():
            return Scene(asked, target(asked, site), time, Traces(time.now()))
    except NotShown as reason:
        remedy = f"Sign in as a role that may do what docs/VERIFY.md lists; its name must begin with `{site.lake}-`."
        raise UnusableArgument(f"the account cannot be looked at: {reason}", where=account.who, remedy=remedy) from None
