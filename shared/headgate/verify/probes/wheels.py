"""Glue installs the wheels of the release, and uses no package index."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping

from headgate.lake.storage import S3Storage
from headgate.verify.probe import Probe, require
from headgate.verify.probed_lake import ProbedLake

OPTION = "--python-modules-installer-option"
# A CloudWatch filter pattern: lines with any of these words. Spark's own log may be long.
_WANTED = '?"--no-index" ?"Looking in" ?"Successfully installed" ?"pypi" ?"pythonhosted" ?"Downloading http" ?".whl"'
_INSTALLER = re.compile(r"Successfully installed|Looking in links|--no-index|Processing \S+\.whl")
_INDEX = re.compile(r"Looking in indexes|https?://\S*(?:pypi|pythonhosted)|Downloading https?://")
COMPARED = ("headgate", "great_expectations")  # a run's record has the versions that were loaded of these


def _look(lake: ProbedLake) -> str:
    run = lake.console_run()
    option = lake.job.arguments.get(OPTION, "")
    require("--no-index" in option.split(), f"the job has `{OPTION} {option}`, not `--no-index`")
    released, loaded = _released(lake), run.record["versions"]
    for name in COMPARED:
        require(name in released, f"the release has no wheel of {name}")
        versions = f"{name} {loaded.get(name)} was loaded, the release has {released[name]}"
        require(loaded.get(name) == released[name], versions)
    lines = _installer_lines(lake, run.job["Id"])
    index = next((line for line in lines if _INDEX.search(line)), None)
    require(index is None, f"a package index was used: {index}")
    versions = ", ".join(f"{name} {released[name]}" for name in COMPARED)
    return f"{versions} from {len(released)} wheels; {len(lines)} lines of the installer, no index"


def _installer_lines(lake: ProbedLake, job_run: str) -> list[str]:
    def look() -> list[str] | None:
        lines = [line for group in lake.job.log_groups for line in _lines(lake, group, job_run)]
        return lines if any(_INSTALLER.search(line) for line in lines) else None

    groups = " or ".join(lake.job.log_groups)
    return lake.clock.wait_for(f"a line of the installer in {groups}", look, every=15, timeout=180)


def _lines(lake: ProbedLake, group: str, job_run: str) -> Iterator[str]:
    pages = lake.aws.logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, logStreamNamePrefix=job_run, filterPattern=_WANTED
    )
    for page in pages:
        yield from (event["message"].strip() for event in page.get("events", []))


def _released(lake: ProbedLake) -> Mapping[str, str]:
    """Return name and version of each wheel in the job's arguments, those inside a zip included."""
    names: list[str] = []
    for address in lake.job.arguments["--additional-python-modules"].split(","):
        folder, _, name = address.strip().rpartition("/")
        names += _in_zip(lake, folder, name) if name.endswith(".zip") else [name]
    wheels = [name.rpartition("/")[2] for name in names if name.endswith(".whl")]
    return {wheel.split("-")[0].lower(): wheel.split("-")[1] for wheel in wheels}


def _in_zip(lake: ProbedLake, folder: str, name: str) -> list[str]:
    with S3Storage(folder, lake.aws.s3).open(name) as file, zipfile.ZipFile(file) as archive:
        return archive.namelist()


PROBE = Probe(
    name="wheels",
    claim="wheels install without a package index",
    sent="nothing more: the log and the record of the run above",
    look=_look,
)
