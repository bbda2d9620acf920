"""The wheels of the release install on Glue, and nothing comes from an index."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping

from headgate.lake.storage import S3Storage
from headgate.verify.probe import Probe, insist
from headgate.verify.probed_lake import Scene

OPTION = "--python-modules-installer-option"
# CloudWatch's filter: any of these words. Spark's own log may be long.
_WANTED = '?"--no-index" ?"Looking in" ?"Successfully installed" ?"pypi" ?"pythonhosted" ?"Downloading http" ?".whl"'
_INSTALLER = re.compile(r"Successfully installed|Looking in links|--no-index|Processing \S+\.whl")
_INDEX = re.compile(r"Looking in indexes|https?://\S*(?:pypi|pythonhosted)|Downloading https?://")
COMPARED = ("headgate", "great_expectations")  # of which a run's record says the version that was loaded


def _look(scene: Scene) -> str:
    ran = scene.console_run()
    option = scene.target.arguments.get(OPTION, "")
    insist("--no-index" in option.split(), f"the job says `{OPTION} {option}`, not `--no-index`")
    released, loaded = _released(scene), ran.record["versions"]
    for name in COMPARED:
        insist(name in released, f"the release holds no wheel of {name}")
        both = f"{name} {loaded.get(name)} was loaded, the release holds {released[name]}"
        insist(loaded.get(name) == released[name], both)
    lines = _installer_lines(scene, ran.job["Id"])
    index = next((line for line in lines if _INDEX.search(line)), None)
    insist(index is None, f"an index was asked: {index}")
    versions = ", ".join(f"{name} {released[name]}" for name in COMPARED)
    return f"{versions} from {len(released)} wheels; {len(lines)} lines of the installer, no index"


def _installer_lines(scene: Scene, job_run: str) -> list[str]:
    def look() -> list[str] | None:
        found = [line for group in scene.target.log_groups for line in _lines(scene, group, job_run)]
        return found if any(_INSTALLER.search(line) for line in found) else None

    groups = " or ".join(scene.target.log_groups)
    return scene.clock.until(f"a line of the installer in {groups}", look, every=15, at_most=180)


def _lines(scene: Scene, group: str, job_run: str) -> Iterator[str]:
    pages = scene.aws.logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, logStreamNamePrefix=job_run, filterPattern=_WANTED
    )
    for page in pages:
        yield from (event["message"].strip() for event in page.get("events", []))


def _released(scene: Scene) -> Mapping[str, str]:
    """Name and version of each wheel that the job is told to install: those of the zip, and the library's own."""
    names: list[str] = []
    for address in scene.target.arguments["--additional-python-modules"].split(","):
        folder, _, name = address.strip().rpartition("/")
        names += _in_zip(scene, folder, name) if name.endswith(".zip") else [name]
    wheels = [name.rpartition("/")[2] for name in names if name.endswith(".whl")]
    return {name.split("-")[0].lower(): name.split("-")[1] for name in wheels}


def _in_zip(scene: Scene, folder: str, name: str) -> list[str]:
    with S3Storage(folder, scene.aws.s3).open(name) as file, zipfile.ZipFile(file) as archive:
        return archive.namelist()


PROBE = Probe(
    name="wheels",
    claim="wheels install without an index",
    sent="nothing more: the log and the record of the run above",
    look=_look,
)
