"""Find the files that Spark cannot read, where its error names none: read fewer and fewer of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from headgate.read.framing import frame
from headgate.read.layout import Group, Looked
from headgate.read.planning import Plan

if TYPE_CHECKING:
    from headgate.contract.model import Contract


def failing(spark: SparkSession, contract: Contract, plan: Plan) -> list[Looked]:
    """The files of the plan that fail where they are read by themselves; nothing is written.

    A half that can be read is not read again, so one broken file costs about two reads of all.
    """
    return _search(spark, contract, plan, plan.files)


def _search(spark: SparkSession, contract: Contract, plan: Plan, files: Sequence[Looked]) -> list[Looked]:
    if not files or _is_readable(spark, contract, _only(plan, files)):
        return []
    if len(files) == 1:
        return list(files)
    half = len(files) // 2
    return [file for part in (files[:half], files[half:]) for file in _search(spark, contract, plan, part)]


def _only(plan: Plan, files: Sequence[Looked]) -> Plan:
    wanted = {file.object.path for file in files}
    kept = [(group.layout, tuple(f for f in group.files if f.object.path in wanted)) for group in plan.groups]
    return replace(plan, groups=tuple(Group(layout, some) for layout, some in kept if some))


def _is_readable(spark: SparkSession, contract: Contract, plan: Plan) -> bool:
    try:
        frame(spark, contract, plan).write.format("noop").mode("overwrite").save()
    except (PySparkException, Py4JError):
        return False
    return True
