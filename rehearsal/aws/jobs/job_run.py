"""One run of a Glue job: what it is given, its process, and what it leaves behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rehearsal.aws.jobs import java as job_java
from rehearsal.aws.jobs.modules import Base, installed, must_fit
from rehearsal.aws.jobs.role_session import Account

_BOOT = Path(__file__).with_name("run_script.py")
_S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"
_SPARK_KEPT = ("PATH", "LANG", "LC_ALL", "JAVA_HOME", "JDK_JAVA_OPTIONS")


class Ended(NamedTuple):
    """How a run ended, in Glue's words."""

    state: str
    error: str = ""


@dataclass(frozen=True)
class Place:
    """What every run on this machine shares."""

    base: Base
    endpoint: str
    region: str
    folder: Path
    jars: Sequence[str]
    formats: Mapping[str, Sequence[str]]  # further jars by a word of `--datalake-formats`
    java_home: str
    archives: Mapping[str, str]  # of classes, by the jars that they were made with, or by nothing
    spark_home: str
    memory: str
    cores: int


class Run:
    """A run's folder, its process and its calls, all in the name of the job's role."""

    def __init__(
        self, place: Place, job: Mapping[str, Any], run: Mapping[str, Any], credentials: Mapping[str, str]
    ) -> None:
        self._place, self._job, self._run = place, job, run
        self._account = Account(place.endpoint, place.region, credentials, place.base.cache / "fetched")
        self._folder = place.folder / "jobs" / run["Id"]
        self._arguments: Mapping[str, str] = run["Arguments"]
        self._properties = self._folder / "spark.properties"
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted: Ended | None = None

    def carry_out(self) -> Ended:
        """Fetch, install, run; then keep the logs. Whatever goes wrong is the end that Glue would tell."""
        self._folder.mkdir(parents=True)
        for name in ("output", "error"):
            (self._folder / name).touch()
        try:
            ended = self._carried_out()
        except Exception as error:
            ended = Ended("FAILED", f"LAUNCH ERROR | {type(error).__name__}: {error}")
        try:
            self._keep_logs()
            self._keep_events()
        except Exception as error:
            (self._folder / "not_kept").write_text(f"{type(error).__name__}: {error}\n")
            ended = ended if ended.error else Ended("FAILED", f"LAUNCH ERROR | {type(error).__name__}: {error}")
        return ended

    def end(self, how: Ended) -> None:
        """End the run now; `carry_out` then returns this end."""
        self._wanted = how
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _carried_out(self) -> Ended:
        self._must_be_known()
        script = self._account.fetch(self._job["Command"]["ScriptLocation"], self._folder)
        options = self._arguments.get("--python-modules-installer-option", "")
        layers = [
            installed(self._place.base, self._account.fetch_once(one, self._folder / "modules"), options)
            for one in self._listed("--additional-python-modules")
        ]
        if layers:
            must_fit(self._place.base, layers)
        env = self._env([*layers, *self._extra_py_files()])
        for one in self._listed("--extra-files"):
            self._account.fetch(one, self._folder)
        self._write_spark_settings()
        report = self._folder / "raised"
        if self._wanted:
            return self._wanted
        code = self._wait_for([self._place.base.python, _BOOT, report, script, *self._words()], env)
        if self._wanted:
            return self._wanted
        if code == 0:
            return Ended("SUCCEEDED")
        return Ended("FAILED", report.read_text() if report.exists() else f"Command failed with exit code {code}")

    def _must_be_known(self) -> None:
        strange = set(self._listed("--datalake-formats")) - set(self._place.formats)
        if "--conf" in self._arguments:
            raise ValueError("`--conf` is not known to the rehearsal")
        language = self._arguments.get("--job-language", "python")
        if strange or language != "python":
            said = f"--datalake-formats {', '.join(sorted(strange))}" if strange else f"--job-language {language}"
            raise ValueError(f"`{said}` is not known to the rehearsal")

    def _wait_for(self, command: Sequence[object], env: Mapping[str, str]) -> int:
        with (self._folder / "output").open("w") as out, (self._folder / "error").open("w") as err:
            words = [str(word) for word in command]
            self._process = subprocess.Popen(
                words, cwd=self._folder, env=dict(env), stdout=out, stderr=err, start_new_session=True
            )
            if self._wanted:
                self.end(self._wanted)
            try:
                return self._process.wait()
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)  # a JVM that outlived its Python

    def _words(self) -> list[str]:
        """The script's arguments: Glue's own, then the job's with the run's over them, each as two words."""
        own = {"--JOB_ID": self._run["JobId"], "--JOB_RUN_ID": self._run["Id"], "--JOB_NAME": self._run["JobName"]}
        return [word for pair in {**own, **self._arguments}.items() for word in pair]

    def _listed(self, name: str) -> list[str]:
        return [one.strip() for one in self._arguments.get(name, "").split(",") if one.strip()]

    def _extra_py_files(self) -> list[Path]:
        return [self._account.fetch(one, self._folder / "python") for one in self._listed("--extra-py-files")]

    def _env(self, layers: Sequence[Path]) -> dict[str, str]:
        place = self._place
        return {
            **{name: os.environ[name] for name in _SPARK_KEPT if name in os.environ},
            **place.base.env(layers),
            "HOME": str(self._folder),
            "TMPDIR": str(_made(self._folder / "tmp")),
            "TZ": "UTC",
            **job_java.env(place.java_home, place.spark_home, place.base.cache, self._properties),
            "SPARK_LOCAL_DIRS": str(self._folder / "tmp"),
            "PYSPARK_PYTHON": str(place.base.python),
            "PYSPARK_DRIVER_PYTHON": str(place.base.python),
            "GLUE_VERSION": str(self._job.get("GlueVersion", "")),
            "GLUE_PYTHON_VERSION": str(self._job["Command"].get("PythonVersion", "3")),
            **self._account.env(),
        }

    def _write_spark_settings(self) -> None:
        """What Glue's containers have in Spark's own settings: where it runs, its jars, its S3 connector."""
        place = self._place
        formats = [jar for name in self._listed("--datalake-formats") for jar in place.formats[name]]
        extra = [str(self._account.fetch(one, self._folder / "jars")) for one in self._listed("--extra-jars")]
        jars = [*place.jars, *formats, *extra]
        wanted = {
            "spark.master": f"local[{place.cores}]",
            "spark.driver.memory": place.memory,
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.sql.catalogImplementation": "in-memory",
            "spark.sql.shuffle.partitions": "8",
            "spark.hadoop.fs.s3.impl": _S3A,
            # Of several providers, S3A asks the next one while another thread still loads the first one's keys, and
            # the next one knows no session: AWS then takes the key for an unknown one.
            "spark.hadoop.fs.s3a.aws.credentials.provider": "com.amazonaws.auth.EnvironmentVariableCredentialsProvider",
            "spark.hadoop.fs.s3a.endpoint": place.endpoint,
            "spark.hadoop.fs.s3a.endpoint.region": place.region,
            "spark.hadoop.fs.s3a.path.style.access": "true",
            "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
            "spark.hadoop.fs.s3a.directory.marker.retention": "keep",  # as of Hadoop 3.4
        }
        if self._events_at():
            wanted |= {"spark.eventLog.enabled": "true", "spark.eventLog.dir": _made(self._folder / "events").as_uri()}
        archive = place.archives.get(os.pathsep.join(jars), place.archives[""])
        job_java.write_properties(self._properties, wanted, jars, f"-XX:SharedArchiveFile={archive}")

    def _keep_logs(self) -> None:
        prefix = self._arguments.get("--custom-logGroup-prefix", "/aws-glue/jobs")
        for name in ("output", "error"):
            self._account.keep_log(f"{prefix}/{name}", self._run["Id"], self._folder / name)

    def _events_at(self) -> str:
        wanted = self._arguments.get("--enable-spark-ui") == "true"
        return self._arguments.get("--spark-event-logs-path", "") if wanted else ""

    def _keep_events(self) -> None:
        at, folder = self._events_at(), self._folder / "events"
        for file in folder.iterdir() if at and folder.is_dir() else ():
            if not file.name.startswith(".") and file.is_file():
                self._account.keep_file(f"{at.rstrip('/')}/{file.name.removesuffix('.inprogress')}", file)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
