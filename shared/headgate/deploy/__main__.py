"""`python -m headgate.deploy bootstrap | release | plan | apply | output | rollback | destroy | lock`.

Exit codes: 0 success, 1 the command failed, 2 an unusable contract or argument.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from headgate.cli.command import new_app, run_command_line
from headgate.deploy.checkout import checkout

if TYPE_CHECKING:
    from headgate.deploy.release_bucket import RemoteRelease

app = new_app(
    "Build releases and roll them out to AWS (docs/RELEASES.md).",
    "0 success, 1 the command failed, 2 an unusable contract or argument",
)

Folder = Annotated[Path, typer.Option("--checkout", help="The folder of the checkout.")]
Env = Annotated[str, typer.Option("--env", help="The environment: terraform/environments/<env>.tfvars.")]
Version = Annotated[str, typer.Option("--version", help="The version of the release, such as 0.1.0.")]


@app.command("bootstrap")
def bootstrap_command(
    region: Annotated[str, typer.Option("--region", help="The AWS region of the buckets.")], folder: Folder = Path(".")
) -> None:
    """Create the buckets of state and releases, once per region.

    Run it once for each account and region. Running it again changes nothing.
    """
    from headgate.deploy.account import signed_in
    from headgate.deploy.bootstrap import bootstrap

    source, account = checkout(folder), signed_in(region)
    changed = bootstrap(source, account, _print)
    buckets = f"{account.state_bucket} and {account.artifacts_bucket}"
    _print(f"{buckets} are ready." if changed else f"{buckets} exist already; nothing was changed.")
    _print(f"Next: `make release VERSION={source.version} ENV=…`.")


@app.command("release")
def release_command(
    version: Version,
    bucket: Annotated[str, typer.Option("--bucket", help="The artifacts bucket, if not the default one.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="The build folder.  [default: dist/releases]")] = None,
    env: Annotated[str, typer.Option("--env", help="Use this environment's region, accounts and bucket.")] = "",
    region: Annotated[str, typer.Option("--region", help="The AWS region, if not that of --env or AWS_REGION.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Build only; do not contact AWS.")] = False,
    lambda_python: Annotated[
        str, typer.Option("--lambda-python", help="The Python of the event path's function.  [default: 3.13]")
    ] = "",
    folder: Folder = Path("."),
) -> None:
    """Build a release and upload it to the artifacts bucket.

    A release is never changed: uploading the same content again does nothing, and different content is refused.
    """
    from headgate.deploy.function_wheels import PYTHON
    from headgate.deploy.release import build_release
    from headgate.deploy.release_bucket import upload

    source = checkout(folder)
    remote = None if dry_run else _remote_release(folder, version, bucket, env, region)
    release = build_release(source, version, out or source.root / "dist" / "releases", lambda_python or PYTHON)
    _print(f"Built {release.folder} ({release}).")
    if remote is None:
        _print("Dry run: nothing was uploaded.")
    elif upload(release, remote, _print):
        _print(f"Released {version}: {remote}")
        _print(f'Next: set `release = "{version}"` in an environment, then run `make plan ENV=…`.')
    else:
        _print(f"Release {version} exists already with the same content: nothing to do.")


def _remote_release(folder: Path, version: str, bucket: str, env: str, region: str) -> RemoteRelease:
    """Find the bucket before the release is built, because building takes a minute."""
    from headgate.deploy.account import signed_in
    from headgate.deploy.environment import environment
    from headgate.deploy.release_bucket import RemoteRelease

    chosen = environment(checkout(folder), env) if env else None
    account = signed_in(region or (chosen.region if chosen else None), chosen.accounts if chosen else ())
    name = bucket or (chosen.artifacts_bucket if chosen else None) or account.artifacts_bucket
    account.require_bucket(name)
    return RemoteRelease(account.s3, name, version)


@app.command("plan")
def plan_command(
    env: Env,
    name: Annotated[str, typer.Option("--name", help="Another name for the lake, with a separate state.")] = "",
    folder: Folder = Path("."),
) -> None:
    """Plan an environment and save the plan."""
    from headgate.deploy.plan import find_target, plan

    target = find_target(checkout(folder), env, name or None)
    _print_planned(plan(target, target.env.release), env, target.env.release)


@app.command("apply")
def apply_command(env: Env, folder: Folder = Path(".")) -> None:
    """Apply exactly the saved plan."""
    from headgate.deploy.plan import apply

    applied = apply(checkout(folder), env)
    _print(f"Applied: `{applied.lake}` in account {applied.account}, {applied.region}, runs release {applied.release}.")


@app.command("rollback")
def rollback_command(
    env: Env,
    version: Version,
    name: Annotated[str, typer.Option("--name", help="The lake's name, if not the environment's.")] = "",
    retire: Annotated[
        str,
        typer.Option("--retire", help="Datasets that this release does not have: name,name. Their data stays."),
    ] = "",
    folder: Folder = Path("."),
) -> None:
    """Plan an older release and save the plan.

    The plan uses the contracts and SQL of that release, not those of the checkout.
    """
    from headgate.deploy.older_release import plan_older_release
    from headgate.deploy.plan import find_target

    retired = [dataset.strip() for dataset in retire.split(",") if dataset.strip()]
    target = find_target(checkout(folder), env, name or None)
    _print_planned(plan_older_release(target, version, retired), env, version)


@app.command("output")
def output_command(
    env: Env,
    only: Annotated[str, typer.Option("--only", help="The name of one output; a text is printed as it is.")] = "",
    name: Annotated[str, typer.Option("--name", help="The lake's name, if not the environment's.")] = "",
    folder: Folder = Path("."),
) -> None:
    """Print what Terraform tells about an environment: buckets, jobs, roles and more."""
    import json

    from headgate.deploy.errors import CannotDeploy
    from headgate.deploy.plan import find_target, initialised

    outputs = initialised(find_target(checkout(folder), env, name or None), quiet=True).outputs()
    if only and only not in outputs:
        raise CannotDeploy(f"there is no output `{only}`", remedy=f"Use one of: {', '.join(sorted(outputs))}.")
    shown = outputs[only] if only else outputs
    _print(shown if isinstance(shown, str) else json.dumps(shown, indent=2, ensure_ascii=False))


@app.command("destroy")
def destroy_command(
    env: Env,
    name: Annotated[str, typer.Option("--name", help="The lake's name, if not the environment's.")] = "",
    folder: Folder = Path("."),
) -> None:
    """Delete the lake of an environment, after showing what that is and asking for its name."""
    from headgate.deploy.destroy import destroy
    from headgate.deploy.plan import find_target

    target = find_target(checkout(folder), env, name or None)
    if destroy(target, input, _print):
        _print(f"Deleted `{target.lake}`. State, releases and their key stay: other lakes may need them.")
    else:
        _print(f"There is nothing of `{target.lake}` to delete.")


@app.command("lock")
def lock_command(folder: Folder = Path(".")) -> None:
    """Pin the wheelhouse again after a change of dependencies.

    Run it after a change of pyproject.toml or requirements-dev.txt.
    """
    from headgate.deploy.wheel_pins import PINS_FILE, write_pins

    _print(f"wrote {PINS_FILE.name}: {len(write_pins(checkout(folder)))} wheels")


def _print_planned(changes: bool, env: str, version: str) -> None:
    if changes:
        _print(f"Planned release {version}. Review the plan, then run `make apply ENV={env}`.")
    else:
        _print(f"Planned release {version}: no changes, so there is nothing to apply.")


def _print(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    """Run the command line."""
    run_command_line(app, "python -m headgate.deploy", stopped="Stopped. Run the same command again to continue.")


if __name__ == "__main__":
    main()
