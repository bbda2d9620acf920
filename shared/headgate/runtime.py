"""Where a job runs. The only module that knows Glue: arguments, session, and how a job ends.

On Glue the `awsglue` package resolves the arguments and the service has brought Spark and Iceberg; on a laptop our own
parser reads the same arguments and the session is local. A job script cannot tell the two apart.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from headgate.errors import GateClosed, HeadgateError, RunFailed, UnusableArgument
from headgate.lake import Lake
from headgate.report.finish import finish_run
from headgate.report.log import JsonLog, stdout_lines
from headgate.run import Project, Result, load_project, new_run_id, run
from headgate.storage import S3Storage, storage

_LOGGING = Path(__file__).with_name("log4j2.properties")
EXTENSIONS = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"

# Every argument a job takes, with its default. All of them are set by Terraform, so that a console run types nothing.
REQUIRED = ("project", "source", "lake")
OPTIONAL = {
    "dataset": "",  # names, separated by commas; empty for all of the job's kind
    "full": "false",
    "dry_run": "false",
    "run_id": "",
    "reports": "",
    "database": "data_warehouse_db",
    "prefix": "tbl_",
    "catalog": "",  # hadoop | glue; by default what fits the lake's address
    "catalog_options": "{}",
    "masking_secret": "",
}


@dataclass(frozen=True)
class Job:
    """A job that has begun: what it was asked, where it works, and under which name."""

    options: Mapping[str, str]
    project: Project
    lake: Lake
    run_id: str
    on_glue: bool

    def datasets(self, *, marts: bool) -> list[str]:
        """The datasets (or marts) to run: those named, else all of the kind."""
        named = [name.strip() for name in self.options["dataset"].split(",") if name.strip()]
        return named or [name for name, contract in self.project.contracts.items() if contract.is_mart == marts]

    def run(self, names: Sequence[str]) -> Result:
        """Run them in one Spark application, and write the run's record."""
        log = JsonLog(self.run_id, stdout_lines)
        result = run(
            lambda: session("headgate", on_glue=self.on_glue),
            self.project,
            self.lake,
            storage(self.options["source"]),
            names,
            run_id=self.run_id,
            full=_yes(self.options["full"]),
            dry=_yes(self.options["dry_run"]),
            log=log,
        )
        asked = {"contracts": self.options["project"], "source": self.options["source"], "lake": self.options["lake"]}
        host = "glue" if self.on_glue else "laptop"
        full = _yes(self.options["full"])
        finish_run(self.lake.runs, result, self.project.contracts, host=host, named=tuple(names), full=full, **asked)
        return result

    def finish(self, result: Result) -> int:
        """Print the summary. On Glue a run that did not go well raises, so that the service shows the reason."""
        print(
            json.dumps(
                {
                    "run": result.run,
                    **{name: one.counts() | {"status": one.status} for name, one in result.outcomes.items()},
                }
            )
        )
        failed = [one.error for one in result.outcomes.values() if one.error]
        if failed and self.on_glue:
            raise _as_raised(failed[0])
        for error in failed:
            print(_as_raised(error), file=sys.stderr)
        return result.exit_code


def _as_raised(error: Mapping[str, str]) -> HeadgateError:
    kind = GateClosed if error["kind"] == "GateClosed" else RunFailed
    return kind(error["what"], where=error["where"], remedy=error["remedy"])


def end(main: Callable[[list[str]], int]) -> None:
    """Run a job script's `main` and end the process: on a laptop with an exit code and a message for a person, on Glue
    by raising, so that the service shows the reason and Step Functions can tell `GateClosed:` from a fault."""
    try:
        code = main(sys.argv)
    except HeadgateError as error:
        if on_glue():
            raise
        print(error, file=sys.stderr)
        code = error.exit_code
    if code:
        sys.exit(code)


def start(argv: Sequence[str]) -> Job:
    """Read the arguments (`sys.argv`) and the contracts. Raises `UnusableArgument` or `UnusableContract`."""
    options = {**OPTIONAL, **resolved(argv, REQUIRED, tuple(OPTIONAL))}
    if options["masking_secret"]:
        os.environ["HEADGATE_MASKING_SECRET"] = options["masking_secret"]
    lake = lake_at(options["lake"], options)
    project = load_project(_here(options["project"]) / "contracts", lake)
    return Job(options, project, lake, options["run_id"] or new_run_id(), on_glue())


def on_glue() -> bool:
    """True inside a Glue job: Glue says so in the environment of its containers."""
    return "GLUE_VERSION" in os.environ or "GLUE_PYTHON_VERSION" in os.environ


def resolved(argv: Sequence[str], required: Sequence[str], optional: Sequence[str]) -> dict[str, str]:
    """The declared arguments among `argv`, by Glue's own parser where it is installed, else by ours.

    Both take `--name value` and `--name=value` and pass over what they do not know. Glue's takes an unambiguous
    beginning of a name for the name; such an argument is refused here, on both sides.
    """
    present = _present(argv)
    _refuse_beginnings(present, (*required, *optional))
    missing = [name for name in required if name not in present]
    if missing:
        raise UnusableArgument(
            f"`--{missing[0]}` is missing", remedy=f"A job needs {', '.join(f'--{name}' for name in required)}."
        )
    wanted = [*required, *(name for name in optional if name in present)]
    if importlib.util.find_spec("awsglue") is not None:
        from awsglue.utils import getResolvedOptions  # pyright: ignore[reportMissingImports]

        found: dict[str, Any] = getResolvedOptions(list(argv), wanted)
        return {name: str(found[name]) for name in wanted}
    return {name: present[name] for name in wanted}


def _present(argv: Sequence[str]) -> dict[str, str]:
    """Every `--name value` and `--name=value`, the last of equal names; a name without a value is not there."""
    present: dict[str, str] = {}
    left = list(argv[1:])
    while left:
        word = left.pop(0)
        if not word.startswith("--"):
            continue
        name, equals, text = word[2:].partition("=")
        if not equals:
            if not left or left[0].startswith("-"):
                continue
            text = left.pop(0)
        present[name] = text
    return present


def _refuse_beginnings(present: Mapping[str, str], declared: Sequence[str]) -> None:
    for name in present:
        longer = [one for one in declared if one != name and one.startswith(name)] if name not in declared else []
        if longer:
            raise UnusableArgument(f"`--{name}` is not an argument", remedy=f"Did you mean `--{longer[0]}`?")


def lake_at(address: str, options: Mapping[str, str] = OPTIONAL) -> Lake:
    """The lake at an address: a folder has Iceberg's Hadoop catalog, a bucket the Glue catalog."""
    at = storage(address)
    kind = options["catalog"] or ("glue" if isinstance(at, S3Storage) else "hadoop")
    if kind not in ("hadoop", "glue"):
        raise UnusableArgument(f"`--catalog {kind}` is not known", remedy="Use hadoop or glue.")
    return Lake(
        storage=at,
        catalog="glue" if kind == "glue" else "hadoop",
        database=options["database"],
        prefix=options["prefix"],
        reports=storage(options["reports"]) if options["reports"] else None,
        options=json.loads(options["catalog_options"]),
    )


def session(app: str, *, on_glue: bool) -> SparkSession:
    """The Spark application: Glue's, or a local one."""
    _in_utc()
    if not on_glue:
        return local_session(app)
    builder: Any = SparkSession.builder
    return builder.appName(app).config("spark.sql.extensions", EXTENSIONS).getOrCreate()


def local_session(app: str, cores: int | str = "*", jars: Sequence[Path] = (), java_options: str = "") -> SparkSession:
    """A Spark application on this machine, with Iceberg and nothing listening beyond it."""
    from headgate.engine import iceberg_jar, prepare_environment

    _in_utc()
    prepare_environment()
    files = [iceberg_jar(), *jars]
    builder: Any = SparkSession.builder
    wanted = {
        "spark.jars": ",".join(str(file) for file in files),
        "spark.driver.memory": os.environ.get("HEADGATE_MEMORY", "2g"),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.extensions": EXTENSIONS,
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOGGING.as_uri()} {java_options}",
    }
    builder = builder.master(f"local[{cores}]").appName(app)
    for key, setting in wanted.items():
        builder = builder.config(key, setting)
    made: SparkSession = builder.getOrCreate()
    return made


def _in_utc() -> None:
    """Python's own clock as Spark's: Great Expectations reads a time without a zone in the zone of the process."""
    os.environ["TZ"] = "UTC"
    time.tzset()


def _here(address: str) -> Path:
    """The project's folder on this machine; a release in a bucket is fetched first."""
    at = storage(address)
    if not isinstance(at, S3Storage):
        return Path(address)
    folder = Path(tempfile.mkdtemp(prefix="headgate-"))
    for part in ("contracts/", "sql/"):
        for one in at.list(part):
            target = folder / one.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(at.read(one.path))
    return folder


def _yes(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise UnusableArgument(f"`{text}` is neither true nor false", remedy="Write `--full true` or `--full false`.")
    return text.lower() == "true"
