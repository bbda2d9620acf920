"""Where a job runs. The only module that knows Glue: arguments, session, and how a job ends.

On Glue the `awsglue` package resolves the arguments and the service has brought Spark and Iceberg; on a laptop our own
parser reads the same arguments and the session is local. A job script cannot tell the two apart.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from pyspark.sql import SparkSession

from headgate.cost.of_run import estimates_of
from headgate.cost.prices import read_prices
from headgate.errors import GateClosed, HeadgateError, RunFailed, UnusableArgument
from headgate.gate.keys import SECRET, SECRETS
from headgate.lake.address import OPTIONS as LAKE_OPTIONS
from headgate.lake.address import lake_at
from headgate.lake.listing import at_most
from headgate.lake.local_files import inside
from headgate.lake.paths import Lake
from headgate.lake.storage import LocalStorage, S3Storage, storage
from headgate.project import Project, load_project
from headgate.publish.audit import load_ahead
from headgate.report.facts import Host
from headgate.report.finish import finish_run
from headgate.report.log import JsonLog, stdout_lines
from headgate.request import RunRequest, new_run_id
from headgate.run import Result, run
from headgate.spark.session import EXTENSIONS, local_session, use_utc, with_known_classes
from headgate.upkeep.backfill import selection
from headgate.upkeep.task import Task

# Every argument a job takes, with its default. All of them are set by Terraform, so that a console run types nothing.
REQUIRED = ("project", "source", "lake")
OPTIONAL = {
    "dataset": "",  # names, separated by commas; empty for all of the job's kind
    "full": "false",
    "backfill": "",  # what to read again, as headgate.upkeep.backfill spells it
    "dry_run": "false",
    "run_id": "",
    **LAKE_OPTIONS,
    "masking_keys": "",  # how the names of the secrets begin that hold a key each
    "masking_secret": "",  # the older way: one secret with all keys
}

# What the job `maintain` takes besides.
UPKEEP = {
    "task": "maintain",  # maintain | rollback | hold | resume | acknowledge
    "to": "",  # the run whose publication a rollback puts back; by default the one before the last
    "keep_days": "7",  # days for which former publications can be put back
    "path": "",  # the refused or emptied file to acknowledge; by default all that wait
}

_LITTLE = 32_000_000  # bytes in staging and lake together, that one core reads in some seconds


@dataclass(frozen=True)
class Job:
    """A job that has begun, the same for a Glue job, a script on a laptop and the command line.

    `given` are the addresses as they were given, for the run record: `contracts`, `source`, `lake`.
    """

    project: Project
    lake: Lake
    request: RunRequest
    given: Mapping[str, str]
    options: Mapping[str, str] = field(default_factory=dict)
    on_glue: bool = False

    def datasets(self) -> list[str]:
        """The datasets to refine: those named, else all."""
        return self._named(marts=False)

    def marts(self) -> list[str]:
        """The marts to build: those named, else all."""
        return self._named(marts=True)

    def _named(self, *, marts: bool) -> list[str]:
        of_the_kind = [name for name, contract in self.project.contracts.items() if contract.is_mart == marts]
        return list(self.request.names) or of_the_kind

    def run(self, names: Sequence[str]) -> Result:
        """Run exactly these datasets and marts, in one Spark application.

        Raises `UnusableArgument` for an unknown name.
        """
        if not names:
            now = datetime.now(UTC)
            return Result(self.request.run, now, now)
        audits = any(contract.table_checks for contract in self.project.named(names))

        def started() -> SparkSession:
            if audits:
                load_ahead()
            return self.session()

        request = replace(self.request, names=tuple(names))
        return run(started, self.project, self.lake, storage(self.given["source"]), request)

    def report(self, result: Result, names: Sequence[str]) -> str | None:
        """Write the run's record and page; returns the page's address, None when it could not be written."""
        host: Host = "glue" if self.on_glue else "laptop"
        estimates = estimates_of(result, self.project.contracts, host, read_prices())
        facts = {"host": host, "estimates": estimates, "named": tuple(names), "full": self.request.full, **self.given}
        return finish_run(self.lake.runs, result, self.project.contracts, **facts)

    def upkeep(self) -> int:
        """Maintain the tables of the datasets and marts that are named, or carry out another task for one of them."""
        names = self.request.names
        given = self.options
        task = Task(given["task"], given["to"], given["keep_days"], bool(names), given["path"])
        task.require_usable()
        done = task.carry_out(self.session(), self.lake, self.project.named(names), self.request.log)
        print(json.dumps(done))
        return 0

    def session(self) -> SparkSession:
        """The Spark application: Glue's, or a local one."""
        if not self.on_glue:
            return local_session("headgate", little=self._has_little())
        use_utc()
        builder: Any = SparkSession.builder
        return with_known_classes(builder.appName("headgate").config("spark.sql.extensions", EXTENSIONS).getOrCreate())

    def _has_little(self) -> bool:
        """True where staging and lake are on this machine and have few bytes, so that no run of them takes long."""
        places = [self.lake.storage, storage(self.given["source"])]
        return all(isinstance(place, LocalStorage) for place in places) and at_most(places, _LITTLE)

    def finish(self, result: Result) -> int:
        """Print the summary. On Glue a run that did not go well raises, so that the service shows the reason."""
        datasets = {name: outcome.counts() | {"status": outcome.status} for name, outcome in result.outcomes.items()}
        print(json.dumps({"run": result.run, **datasets}))
        errors = [outcome.error for outcome in result.outcomes.values() if outcome.error]
        if errors and self.on_glue:
            raise _as_raised(errors[0])
        for error in errors:
            print(_as_raised(error), file=sys.stderr)
        return result.exit_code


def _as_raised(error: Mapping[str, str]) -> HeadgateError:
    kind = GateClosed if error["kind"] == "GateClosed" else RunFailed
    return kind(error["what"], where=error["where"], remedy=error["remedy"])


def end(main: Callable[[list[str]], int]) -> None:
    """Run a job script's `main` and end the process: on a laptop with an exit code and a message for a person, on Glue
    by raising, so that the service shows the reason. Its text begins with the kind, regardless of what Glue adds: by
    `GateClosed:`, `RunFailed:` and the like, Step Functions knows what another run would not correct."""
    try:
        code = main(sys.argv)
    except HeadgateError as error:
        if on_glue():
            raise error.with_kind() from error.__cause__
        print(error, file=sys.stderr)
        code = error.exit_code
    if code:
        sys.exit(code)


def start(argv: Sequence[str], more: Mapping[str, str] = MappingProxyType({})) -> Job:
    """Read the arguments (`sys.argv`; `more` than every job takes) and the contracts.

    Raises `UnusableArgument` or `UnusableContract`.
    """
    defaults = {**OPTIONAL, **more}
    options = {**defaults, **resolved(argv, REQUIRED, tuple(defaults))}
    for name, variable in (("masking_keys", SECRETS), ("masking_secret", SECRET)):
        if options[name]:
            os.environ[variable] = options[name]
    lake = lake_at(options["lake"], options)
    project = load_project(_here(options["project"]) / "contracts", lake)
    given = {"contracts": options["project"], "source": options["source"], "lake": options["lake"]}
    return Job(project, lake, _request(options), given, options, on_glue())


def _request(options: Mapping[str, str]) -> RunRequest:
    run_id = options["run_id"] or new_run_id()
    return RunRequest(
        names=tuple(name.strip() for name in options["dataset"].split(",") if name.strip()),
        full=_yes(options["full"]),
        dry=_yes(options["dry_run"]),
        again=selection(options["backfill"]),
        log=JsonLog(run_id, stdout_lines),
        run=run_id,
    )


def on_glue() -> bool:
    """True inside a Glue job: Glue says so in the environment of its containers."""
    return "GLUE_VERSION" in os.environ or "GLUE_PYTHON_VERSION" in os.environ


def resolved(argv: Sequence[str], required: Sequence[str], optional: Sequence[str]) -> dict[str, str]:
    """The declared arguments among `argv`, the same on Glue and on a laptop.

    `--name value` and `--name=value` are taken, the last of equal names counts, and what is not declared is passed
    over. Glue's own function would exit on `--help`, demands every name, and takes an unambiguous beginning of a name
    for the name; so it is handed only what was declared, and a beginning is refused on both sides.
    """
    found, left = _declared(argv, (*required, *optional))
    _refuse_beginnings(left, (*required, *optional))
    missing = [name for name in required if name not in found]
    if missing:
        raise UnusableArgument(
            f"`--{missing[0]}` is missing", remedy=f"A job needs {', '.join(f'--{name}' for name in required)}."
        )
    if importlib.util.find_spec("awsglue") is None:
        return found
    from awsglue.utils import getResolvedOptions  # pyright: ignore[reportMissingImports]

    words = [f"--{name}={text}" for name, text in found.items()]
    answer: dict[str, Any] = getResolvedOptions([*argv[:1], *words], list(found))
    return {name: str(answer[name]) for name in found}


class _Parser(argparse.ArgumentParser):
    """Python's parser, which Glue's own function uses too, with an error instead of an exit."""

    def error(self, message: str) -> NoReturn:
        raise UnusableArgument(message, remedy="Write a value that begins with `-` as `--name=value`.")


def _declared(argv: Sequence[str], names: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The declared arguments that are there, and the words that are left over."""
    parser = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for name in names:
        parser.add_argument(f"--{name}")
    found, left = parser.parse_known_args(list(argv[1:]))
    return vars(found), left


def _refuse_beginnings(left: Sequence[str], names: Sequence[str]) -> None:
    for word in left:
        begun = word.partition("=")[0]
        typed = begun.removeprefix("--").replace("-", "_")
        longer = [name for name in names if begun.startswith("--") and typed and name.startswith(typed)]
        if longer:
            raise UnusableArgument(f"`{begun}` is not an argument", remedy=f"Did you mean `--{longer[0]}`?")


def _here(address: str) -> Path:
    """The project's folder on this machine; a release in a bucket is fetched first."""
    at = storage(address)
    if not isinstance(at, S3Storage):
        return Path(address)
    folder = Path(tempfile.mkdtemp(prefix="headgate-"))
    for part in ("contracts/", "sql/"):
        for file in at.list(part):
            target = inside(folder, file.path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(at.read(file.path))
    return folder


def _yes(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise UnusableArgument(f"`{text}` is neither true nor false", remedy="Write `--full true` or `--full false`.")
    return text.lower() == "true"
