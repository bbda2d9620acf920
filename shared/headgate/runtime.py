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
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from pyspark.sql import SparkSession

from headgate.checks.audit import load_ahead
from headgate.errors import GateClosed, HeadgateError, RunFailed, UnusableArgument
from headgate.lake.paths import Lake
from headgate.lake.storage import S3Storage, storage
from headgate.report.finish import finish_run
from headgate.report.log import JsonLog, stdout_lines
from headgate.run import Project, Result, load_project, named, new_run_id, run
from headgate.upkeep.backfill import selection
from headgate.upkeep.task import Task

_LOGGING = Path(__file__).parent / "spark" / "log4j2.properties"
EXTENSIONS = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"

# Every argument a job takes, with its default. All of them are set by Terraform, so that a console run types nothing.
REQUIRED = ("project", "source", "lake")
OPTIONAL = {
    "dataset": "",  # names, separated by commas; empty for all of the job's kind
    "full": "false",
    "backfill": "",  # what to read again: headgate.upkeep.backfill says how it is spelled
    "dry_run": "false",
    "run_id": "",
    "reports": "",
    "database": "data_warehouse_db",
    "prefix": "tbl_",
    "catalog": "",  # hadoop | glue; by default what fits the lake's address
    "catalog_options": "{}",
    "masking_secret": "",
}

# What the job `maintain` takes besides.
CARE = {
    "task": "maintain",  # maintain | rollback | hold | resume
    "to": "",  # the run whose publication a rollback puts back; the one before the last, when none is named
    "keep_days": "7",  # former publications can be put back for so long
}


@dataclass(frozen=True)
class Job:
    """A job that has begun: what it was asked, where it works, and under which name."""

    options: Mapping[str, str]
    project: Project
    lake: Lake
    run_id: str
    on_glue: bool

    def named(self) -> list[str]:
        """The datasets and marts that were named."""
        return [name.strip() for name in self.options["dataset"].split(",") if name.strip()]

    def datasets(self, *, marts: bool) -> list[str]:
        """The datasets (or marts) to run: those named, else all of the kind."""
        return self.named() or [name for name, contract in self.project.contracts.items() if contract.is_mart == marts]

    def run(self, names: Sequence[str]) -> Result:
        """Run them in one Spark application, and write the run's record."""
        log = JsonLog(self.run_id, stdout_lines)
        if any(self.project.contracts[name].table_checks for name in names if name in self.project.contracts):
            load_ahead()
        result = run(
            lambda: session("headgate", on_glue=self.on_glue),
            self.project,
            self.lake,
            storage(self.options["source"]),
            names,
            run_id=self.run_id,
            full=_yes(self.options["full"]),
            dry=_yes(self.options["dry_run"]),
            again=selection(self.options["backfill"]),
            log=log,
        )
        asked = {"contracts": self.options["project"], "source": self.options["source"], "lake": self.options["lake"]}
        host = "glue" if self.on_glue else "laptop"
        full = _yes(self.options["full"])
        finish_run(self.lake.runs, result, self.project.contracts, host=host, named=tuple(names), full=full, **asked)
        return result

    def care(self, names: Sequence[str]) -> int:
        """Maintain the tables of these datasets and marts, or put one back, or hold it, or let it go on."""
        contracts, log = named(self.project, names), JsonLog(self.run_id, stdout_lines)
        task = Task(self.options["task"], self.options["to"], self.options["keep_days"], bool(names))
        task.require_usable()
        print(json.dumps(task.carry_out(session("headgate", on_glue=self.on_glue), self.lake, contracts, log)))
        return 0

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


def start(argv: Sequence[str], more: Mapping[str, str] = MappingProxyType({})) -> Job:
    """Read the arguments (`sys.argv`; `more` than every job takes) and the contracts.

    Raises `UnusableArgument` or `UnusableContract`.
    """
    defaults = {**OPTIONAL, **more}
    options = {**defaults, **resolved(argv, REQUIRED, tuple(defaults))}
    if options["masking_secret"]:
        os.environ["HEADGATE_MASKING_SECRET"] = options["masking_secret"]
    lake = lake_at(options["lake"], options)
    project = load_project(_here(options["project"]) / "contracts", lake)
    return Job(options, project, lake, options["run_id"] or new_run_id(), on_glue())


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
    """Python's parser, which Glue's function is made of, with an error instead of an exit."""

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
        said = begun.removeprefix("--").replace("-", "_")
        longer = [name for name in names if begun.startswith("--") and said and name.startswith(said)]
        if longer:
            raise UnusableArgument(f"`{begun}` is not an argument", remedy=f"Did you mean `--{longer[0]}`?")


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
    return _looked_up_once(builder.appName(app).config("spark.sql.extensions", EXTENSIONS).getOrCreate())


def _looked_up_once(spark: SparkSession) -> SparkSession:
    """Keep the classes that PySpark names with every expression. By a short name the JVM tries one import after the
    other, each time: a third of a small run's time."""
    view: Any = spark._jvm
    for name in ("functions", "PythonUtils", "SparkSession", "SparkSession$"):
        vars(view).setdefault(name, getattr(view, name))
    return spark


def local_session(app: str, cores: int | str = "*", jars: Sequence[Path] = ()) -> SparkSession:
    """A Spark application on this machine, with Iceberg and nothing listening beyond it.

    The environment may give it more: HEADGATE_MEMORY (`4g`) and HEADGATE_JAVA_OPTIONS (further words for the JVM).
    """
    from headgate.spark.engine import iceberg_jar, prepare_environment

    _in_utc()
    prepare_environment()
    files = [iceberg_jar(), *jars]
    more = os.environ.get("HEADGATE_JAVA_OPTIONS", "")
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
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOGGING.as_uri()} {more}",
    }
    builder = builder.master(f"local[{cores}]").appName(app)
    for key, setting in wanted.items():
        builder = builder.config(key, setting)
    return _looked_up_once(builder.getOrCreate())


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
