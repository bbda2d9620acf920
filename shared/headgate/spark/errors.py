"""Errors of Spark and of the machine in plain words; an error that is not known keeps its most telling line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JError
from pyspark.errors import AnalysisException, ParseException, PySparkException

from headgate.contract.model import Contract
from headgate.errors import Fault, HeadgateError, RunFailed, UnusableContract
from headgate.lake.paths import Lake

_KNOWN = (
    (
        r"No space left on device|Disk quota exceeded|errno 28",
        "there is no space left",
        "Free space on the disk of the lake, then run again.",
    ),
    (
        r"Permission denied|Read-only file system|Mkdirs failed|Operation not permitted",
        "the lake cannot be written",
        "Give the user of this run the right to write there, then run again.",
    ),
    (
        r"OutOfMemoryError|Java heap space",
        "Spark ran out of memory",
        "Give it more (`HEADGATE_MEMORY=4g`), then run again.",
    ),
)

_REFUSED = re.compile(r"AccessDenied|Status Code: 403|not authorized to perform", re.IGNORECASE)


@contextmanager
def explained(contract: Contract, lake: Lake) -> Iterator[None]:
    """Turn errors of Spark and of the file system into `RunFailed` or `UnusableContract`."""
    try:
        yield
    except HeadgateError:
        raise
    except (AnalysisException, ParseException) as error:
        problem = f"Spark cannot carry it out: {_first_line(error)}"
        raise UnusableContract(
            [Fault(contract.file, "", problem, "Correct the expression or the query that it names.")]
        ) from error
    except (PySparkException, Py4JError, OSError) as error:
        raise _in_plain_words(error, contract, lake) from error


def _in_plain_words(error: Exception, contract: Contract, lake: Lake) -> RunFailed:
    text = str(error)
    if _REFUSED.search(text):
        remedy = "Give the job's role that right (Terraform writes its policy), then run again. Nothing was published."
        return RunFailed(f"AWS refused access: {_first_line(error)}", where=contract.dataset, remedy=remedy)
    for pattern, what, remedy in _KNOWN:
        if re.search(pattern, text, re.IGNORECASE):
            return RunFailed(what, where=lake.storage.root, remedy=f"{remedy} Nothing was published.")
    remedy = (
        "Nothing was published. Run again; if it happens again, report it with Spark's own trace\n"
        "(on a laptop HEADGATE_SPARK_TRACE=full prints it)."
    )
    return RunFailed(f"stopped: {_first_line(error)}", where=contract.dataset, remedy=remedy)


def _first_line(error: Exception) -> str:
    """The most telling line: Java's innermost cause if there is one."""
    causes = re.findall(r"Caused by: (.+)", str(error))
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (causes[-1] if causes else lines[0] if lines else type(error).__name__)[:300]
