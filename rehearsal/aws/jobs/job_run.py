"""One run of a Glue job: its arguments and environment, its process, and the logs that it leaves."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rehearsal.aws.credentials import Credentials
from rehearsal.aws.jobs import java as job_java
from rehearsal.aws.jobs.modules import Base, installed, must_fit
from rehearsal.aws.jobs.role_session import RoleSession

_RUN_SCRIPT = Path(__file__).with_name("run_script.py")
_S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"
_ENV_KEPT = ("PATH", "LANG", "LC_ALL", "JAVA_HOME", "JDK_JAVA_OPTIONS")


class Ended(NamedTuple):
    """How a run ended: Glue's state and error message."""

    state: str
    error: str = ""


@dataclass(frozen=True)
class Installation:
    """What all runs on this machine share."""

    base: Base
    endpoint: str
    region: str
    folder: Path
    jars: Sequence[str]
    formats: Mapping[str, Sequence[str]]  # further jars by a value of `--datalake-formats`
    java_home: str
    archives: Mapping[str, str]  # class archives by the class path that they fit; see `classes.archives`
    spark_home: str
    memory: str
    cores: int


class JobRun:
    """A run's folder, its process and its calls, all in the name of the job's role."""

    def __init__(
        self, installation: Installation, job: Mapping[str, Any], run: Mapping[str, Any], credentials: Credentials
    ) -> None:
        self._installation, self._job, self._run = installation, job, run
        fetched = installation.base.cache / "fetched"
        self._account = RoleSession(installation.endpoint, installation.region, credentials, fetched)
        self._folder = installation.folder / "jobs" / run["Id"]
        self._arguments: Mapping[str, str] = run["Arguments"]
        self._properties = self._folder / "spark.properties"
        self._process: subprocess.Popen[bytes] | None = None
        self._forced: Ended | None = None

    def carry_out(self) -> Ended:
        """Fetch, install and run, then keep the logs; every error becomes the end that Glue would report."""
        self._folder.mkdir(parents=True)
        for name in ("output", "error"):
            (self._folder / name).touch()
        try:
            ended = self._carried_out()
        except Exception as error:
            ended = Ended("FAILED", f"LAUNCH ERROR | {type(error).__name__}: {error}")
        try:
            self._write_logs()
            self._upload_events()
        except Exception as error:
            (self._folder / "logs_not_written").write_text(f"{type(error).__name__}: {error}\n")
            ended = ended if ended.error else Ended("FAILED", f"LAUNCH ERROR | {type(error).__name__}: {error}")
        return ended

    def end(self, ended: Ended) -> None:
        """End the run now; `carry_out` then returns this end."""
        self._forced = ended
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _carried_out(self) -> Ended:
        self._must_be_served()
        script = self._account.fetch(self._job["Command"]["ScriptLocation"], self._folder)
        options = self._arguments.get("--python-modules-installer-option", "")
        layers = [
            layer
            for address in self._listed("--additional-python-modules")
            for layer in installed(
                self._installation.base, self._account.fetch_once(address, self._folder / "modules"), options
            )
        ]
        if layers:
            must_fit(self._installation.base, layers)
        env = self._env([*layers, *self._extra_py_files()])
        for address in self._listed("--extra-files"):
            self._account.fetch(address, self._folder)
        self._write_spark_settings()
        report = self._folder / "raised"
        if self._forced:
            return self._forced
        code = self._wait_for([self._installation.base.python, _RUN_SCRIPT, report, script, *self._words()], env)
        if self._forced:
            return self._forced
        if code == 0:
            return Ended("SUCCEEDED")
        return Ended("FAILED", report.read_text() if report.exists() else f"Command failed with exit code {code}")

    def _must_be_served(self) -> None:
        """Raise `ValueError` for an argument that the rehearsal does not carry out as Glue does."""
        unknown = sorted(set(self._listed("--datalake-formats")) - set(self._installation.formats))
        language = self._arguments.get("--job-language", "python")
        if "--conf" in self._arguments:
            raise ValueError("the rehearsal does not serve `--conf`")
        if unknown:
            raise ValueError(f"the rehearsal does not serve `--datalake-formats {', '.join(unknown)}`")
        if language != "python":
            raise ValueError(f"the rehearsal does not serve `--job-language {language}`")

    def _wait_for(self, command: Sequence[object], env: Mapping[str, str]) -> int:
        with (self._folder / "output").open("w") as out, (self._folder / "error").open("w") as err:
            words = [str(word) for word in command]
            self._process = subprocess.Popen(
                words, cwd=self._folder, env=dict(env), stdout=out, stderr=err, start_new_session=True
            )
            if self._forced:
                self.end(self._forced)
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
        return [item.strip() for item in self._arguments.get(name, "").split(",") if item.strip()]

    def _extra_py_files(self) -> list[Path]:
        folder = self._folder / "python"
        return [self._account.fetch(address, folder) for address in self._listed("--extra-py-files")]

    def _env(self, layers: Sequence[Path]) -> dict[str, str]:
        shared = self._installation
        return {
            **{name: os.environ[name] for name in _ENV_KEPT if name in os.environ},
            **shared.base.env(layers),
            "HOME": str(self._folder),
            "TMPDIR": str(_made(self._folder / "tmp")),
            "TZ": "UTC",
            **job_java.env(shared.java_home, shared.spark_home, shared.base.cache, self._properties),
            "SPARK_LOCAL_DIRS": str(self._folder / "tmp"),
            "PYSPARK_PYTHON": str(shared.base.python),
            "PYSPARK_DRIVER_PYTHON": str(shared.base.python),
            "GLUE_VERSION": str(self._job.get("GlueVersion", "")),
            "GLUE_PYTHON_VERSION": str(self._job["Command"].get("PythonVersion", "3")),
            **self._account.env(),
        }

    def _write_spark_settings(self) -> None:
        """Write what Glue's containers have in Spark's own settings: where it runs, its jars, its S3 connector."""
        shared = self._installation
        formats = [jar for name in self._listed("--datalake-formats") for jar in shared.formats[name]]
        extra = [str(self._account.fetch(jar, self._folder / "jars")) for jar in self._listed("--extra-jars")]
        jars = [*shared.jars, *formats, *extra]
        properties = {
            "spark.master": f"local[{shared.cores}]",
            "spark.driver.memory": shared.memory,
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.sql.catalogImplementation": "in-memory",
            "spark.sql.shuffle.partitions": "8",
            "spark.hadoop.fs.s3.impl": _S3A,
            # With several providers, S3A asks the next one while another thread still loads the keys of the first, and
            # the next one has no session token: AWS then does not know the key.
            "spark.hadoop.fs.s3a.aws.credentials.provider": "com.amazonaws.auth.EnvironmentVariableCredentialsProvider",
            "spark.hadoop.fs.s3a.endpoint": shared.endpoint,
            "spark.hadoop.fs.s3a.endpoint.region": shared.region,
            "spark.hadoop.fs.s3a.path.style.access": "true",
            "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
            "spark.hadoop.fs.s3a.directory.marker.retention": "keep",  # as of Hadoop 3.4
        }
        if self._events_address():
            properties["spark.eventLog.enabled"] = "true"
            properties["spark.eventLog.dir"] = _made(self._folder / "events").as_uri()
        archive = shared.archives.get(os.pathsep.join(jars), shared.archives[""])
        job_java.write_properties(self._properties, properties, jars, f"-XX:SharedArchiveFile={archive}")

    def _write_logs(self) -> None:
        prefix = self._arguments.get("--custom-logGroup-prefix", "/aws-glue/jobs")
        for name in ("output", "error"):
            self._account.write_log(f"{prefix}/{name}", self._run["Id"], self._folder / name)

    def _events_address(self) -> str:
        """Where Spark's event files go; empty where the job asks for none."""
        enabled = self._arguments.get("--enable-spark-ui") == "true"
        return self._arguments.get("--spark-event-logs-path", "") if enabled else ""

    def _upload_events(self) -> None:
        address, folder = self._events_address(), self._folder / "events"
        for file in folder.iterdir() if address and folder.is_dir() else ():
            if not file.name.startswith(".") and file.is_file():
                self._account.upload(file, f"{address.rstrip('/')}/{file.name.removesuffix('.inprogress')}")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
