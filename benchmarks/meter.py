"""What a piece of work costs: CPU of Python and of the JVM, time, memory, and what Spark did."""

from __future__ import annotations

import re
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

# In the tree of a plan as Spark prints it: a node's name, then its number.
_PYTHON = re.compile(r"(?:ArrowEvalPython|BatchEvalPython|InPandas|InArrow)\b.*\(\d+\)$", re.MULTILINE)
_SCAN = re.compile(r"\bScan (?:csv|text|json)\s+\(\d+\)$", re.MULTILINE)


@dataclass(frozen=True)
class _Seen:
    """The numbers of the last job, stage and SQL execution."""

    job: int = -1
    stage: int = -1
    execution: int = -1


class Meter:
    """Measures one piece of work; `facts` has the result, the start of the session left out."""

    def __init__(self, spark: SparkSession | None) -> None:
        self._spark, self.facts = spark, dict[str, Any]()

    @contextmanager
    def measure(self) -> Iterator[None]:
        """Measure what happens inside."""
        before, start = self._cpu(), time.monotonic()
        seen = self._seen()
        yield
        wall, after = time.monotonic() - start, self._cpu()
        self.facts["wall"] = round(wall, 3)
        self.facts["cpu_jvm"] = round(after["jvm"] - before["jvm"], 3)
        self.facts["cpu"] = round(sum(after.values()) - sum(before.values()), 3)
        self.facts["peak_mb"] = self._peak()
        self.facts |= self._spark_facts(seen)

    def cpu(self) -> float:
        """CPU seconds of this process and its JVM until now."""
        return sum(self._cpu().values())

    def _cpu(self) -> dict[str, float]:
        own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        python = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
        return {"python": python, "jvm": self._jvm_bean().getProcessCpuTime() / 1e9 if self._spark else 0.0}

    def _jvm_bean(self) -> Any:
        jvm: Any = self._spark._jvm if self._spark else None
        bean = jvm.java.lang.management.ManagementFactory.getOperatingSystemMXBean()
        kind = jvm.java.lang.Class.forName("com.sun.management.OperatingSystemMXBean")
        return _Bean(bean, kind.getMethod("getProcessCpuTime", None))

    def _peak(self) -> int:
        """The most memory that Python and the JVM had, in MB: not at the same moment, so at least the true peak."""
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        if not self._spark:
            return round(own)
        jvm: Any = self._spark._jvm
        status = Path("/proc", str(jvm.java.lang.ProcessHandle.current().pid()), "status").read_text()
        peak = re.search(r"VmHWM:\s+(\d+)", status)
        return round(own + (int(peak[1]) / 1024 if peak else 0))

    def _spark_facts(self, since: _Seen) -> dict[str, int]:
        """Jobs, shuffles and bytes by Spark's own status store; scans and Python by the executed plans."""
        if not self._spark:
            return {}
        store = self._store()
        stages = [stage for stage in self._stages() if stage.stageId() > since.stage]
        ran = [each for each in self._executions() if each.executionId() > since.execution]
        plans = "\n".join(_final(each.physicalPlanDescription()) for each in ran)
        return {
            "jobs": sum(job.jobId() > since.job for job in _listed(store.jobsList(None))),
            "shuffles": sum(stage.shuffleWriteBytes() > 0 for stage in stages),
            "shuffle_bytes": sum(stage.shuffleWriteBytes() for stage in stages),
            "read_bytes": sum(stage.inputBytes() for stage in stages),
            "written_bytes": sum(stage.outputBytes() for stage in stages),
            "scans": len(_SCAN.findall(plans)),
            "python_steps": len(_PYTHON.findall(plans)),
        }

    def _seen(self) -> _Seen:
        """The last of everything: Spark forgets the oldest of many, so what is new is known by its number only."""
        if not self._spark:
            return _Seen()
        return _Seen(
            max((job.jobId() for job in _listed(self._store().jobsList(None))), default=-1),
            max((stage.stageId() for stage in self._stages()), default=-1),
            max((execution.executionId() for execution in self._executions()), default=-1),
        )

    def _store(self) -> Any:
        session: Any = self._spark
        core = session.sparkContext._jsc.sc()
        core.listenerBus().waitUntilEmpty()
        return core.statusStore()

    def _executions(self) -> list[Any]:
        session: Any = self._spark
        return _listed(session._jsparkSession.sharedState().statusStore().executionsList())

    def _stages(self) -> list[Any]:
        spark: Any = self._spark
        return _listed(self._store().stageList(None, False, False, _doubles(spark), None))


def _final(plan: Any) -> str:
    """A plan as it was executed, without the plan that it began with."""
    return str(plan).partition("== Initial Plan ==")[0]


class _Bean:
    """A method of a class that py4j may not call itself: its module is not open."""

    def __init__(self, bean: Any, method: Any) -> None:
        self._bean, self._method = bean, method

    def getProcessCpuTime(self) -> int:
        """Nanoseconds."""
        return int(self._method.invoke(self._bean, None))


def _doubles(spark: SparkSession) -> Any:
    return spark.sparkContext._gateway.new_array(spark._jvm.double, 0)  # type: ignore[union-attr]


def _listed(sequence: Any) -> list[Any]:
    """A Scala sequence as a list."""
    return [sequence.apply(at) for at in range(sequence.size())]


def bytes_below(folder: Path, ending: str = "") -> int:
    """The bytes of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob(f"*{ending}") if file.is_file())
