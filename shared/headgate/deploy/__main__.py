"""`python -m headgate.deploy release | bootstrap | plan | apply | rollback | lock`.

Exit codes: 0 done, 1 it could not be carried out, 2 an unusable contract or argument.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from headgate.cli.command import carry_out
from headgate.deploy.checkout import checkout

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

Folder = Annotated[Path, typer.Option("--checkout", help="The folder of the checkout.")]
Env = Annotated[str, typer.Option("--env", help="The environment: a file of terraform/environments.")]
Version = Annotated[str, typer.Option("--version", help="The version of the release, such as 0.1.0.")]


@app.command("bootstrap")
def bootstrap_command(
    region: Annotated[str, typer.Option("--region", help="Where the buckets lie.")], folder: Folder = Path(".")
) -> None:
    """Make the buckets of state and releases, once per account and region."""
    from headgate.deploy.account import signed_in
    from headgate.deploy.bootstrap import bootstrap

    source, account = checkout(folder), signed_in(region)
    changed = bootstrap(source, account, _say)
    _say(f"{account.state_bucket} and {account.artifacts_bucket} {'stand' if changed else 'stood already'}.")
    _say(f"Next: `make release VERSION={source.version} ENV=…`.")


@app.command("release")
def release_command(
    version: Version,
    bucket: Annotated[str, typer.Option("--bucket", help="The artifacts bucket, where it is not bootstrap's.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="Where it is built; default dist/releases.")] = None,
    env: Annotated[str, typer.Option("--env", help="Take region, account and bucket of this environment.")] = "",
    region: Annotated[str, typer.Option("--region", help="The region; default: of --env, or AWS's own setting.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Build it, and ask AWS nothing.")] = False,
    folder: Folder = Path("."),
) -> None:
    """Build a release and put it into the artifacts bucket, once."""
    from headgate.deploy.release import build_release
    from headgate.deploy.release_bucket import publish

    source = checkout(folder)
    shelf = None if dry_run else _shelf_of(folder, version, bucket, env, region)
    release = build_release(source, version, out or source.root / "dist" / "releases")
    _say(f"Built {release.folder} ({release}).")
    if shelf is None:
        _say("A dry run: nothing was uploaded.")
    elif publish(release, shelf, _say):
        _say(f'Released {version}: {shelf}\nNext: `release = "{version}"` in an environment, then `make plan ENV=…`.')
    else:
        _say(f"Release {version} was there already, the same in every file: nothing to do.")


def _shelf_of(folder: Path, version: str, bucket: str, env: str, region: str) -> Any:
    """Where the release goes; asked before it is built, since building takes a minute."""
    from headgate.deploy.account import signed_in
    from headgate.deploy.environment import environment
    from headgate.deploy.release_bucket import Shelf

    of = environment(checkout(folder), env) if env else None
    account = signed_in(region or (of.region if of else None), of.accounts if of else ())
    name = bucket or (of.artifacts_bucket if of else None) or account.artifacts_bucket
    account.must_have(name)
    return Shelf(account.s3, name, version)


@app.command("plan")
def plan_command(
    env: Env,
    name: Annotated[str, typer.Option("--name", help="Another name for the lake, with a state of its own.")] = "",
    folder: Folder = Path("."),
) -> None:
    """Plan an environment, and save the plan."""
    from headgate.deploy.plan import plan, target

    on = target(checkout(folder), env, name or None)
    _planned(plan(on, on.env.release), env, f"release {on.env.release}")


@app.command("rollback")
def rollback_command(
    env: Env,
    version: Version,
    name: Annotated[str, typer.Option("--name", help="The lake's name, where it is another.")] = "",
    retire: Annotated[
        str, typer.Option("--retire", help="Datasets that came after that release and go: name,name. Data stays.")
    ] = "",
    folder: Folder = Path("."),
) -> None:
    """Plan an environment on an older release with that release's contracts, and save the plan."""
    from headgate.deploy.older_release import rollback
    from headgate.deploy.plan import target

    going = [one.strip() for one in retire.split(",") if one.strip()]
    _planned(rollback(target(checkout(folder), env, name or None), version, going), env, f"release {version}")


@app.command("apply")
def apply_command(env: Env, folder: Folder = Path(".")) -> None:
    """Apply exactly the saved plan."""
    from headgate.deploy.plan import apply

    done = apply(checkout(folder), env)
    _say(f"Applied: `{done.lake}` in account {done.account}, {done.region}, runs release {done.release}.")


@app.command("lock")
def lock_command(folder: Folder = Path(".")) -> None:
    """Pin the wheelhouse anew, after a change of pyproject.toml or requirements-dev.txt."""
    from headgate.deploy.wheel_pins import LOCK, write_lock

    _say(f"wrote {LOCK.name}: {len(write_lock(checkout(folder)))} wheels")


def _planned(changes: bool, env: str, what: str) -> None:
    if changes:
        _say(f"Planned on {what}. Read it, then: `make apply ENV={env}`.")
    else:
        _say(f"Planned on {what}: everything is as it should be. There is nothing to apply.")


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    """Run the command line."""
    carry_out(app, "python -m headgate.deploy", stopped="Stopped. Run the same command again; it goes on from there.")


if __name__ == "__main__":
    main()
