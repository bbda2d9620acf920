"""What a run knows about itself: when and where it ran, with which versions and options."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from headgate.report.record_model import CostEstimate

Host = Literal["laptop", "glue"]


@dataclass(frozen=True)
class RunFacts:
    """One run. Times have a zone; `named` are the datasets that were requested, empty for all."""

    run: str
    started: datetime
    finished: datetime
    host: Host = "laptop"
    command: str = ""
    named: tuple[str, ...] = ()
    full: bool = False
    dry: bool = False
    contracts: str = ""
    source: str = ""
    lake: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    estimates: Mapping[str, CostEstimate] = field(default_factory=dict)  # by dataset
    error: Mapping[str, str] | None = None  # what, where, remedy: the error that ended the run outside of a dataset


def versions(spark: Any = None) -> dict[str, str]:
    """The versions that a run used: Java and Iceberg as the session reports them, Great Expectations only if loaded."""
    used = {"headgate": _package("headgate"), "python": platform.python_version(), "pyspark": _package("pyspark")}
    if spark is not None:
        used |= _of_the_jvm(spark.sparkContext._jvm)
    if "great_expectations" in sys.modules:
        used["great_expectations"] = _package("great_expectations")
    return {name: text for name, text in used.items() if text}


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _of_the_jvm(jvm: Any) -> dict[str, str]:
    """Java's version, and Iceberg's if its jar is on the class path."""
    java = {"java": str(jvm.java.lang.System.getProperty("java.version"))}
    build = jvm.org.apache.iceberg.IcebergBuild  # an unknown class is a package for py4j, and cannot be called
    try:
        return {**java, "iceberg": str(build.version())}
    except TypeError:
        return java
