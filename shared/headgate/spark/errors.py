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
from headgate.spark.sentences import sentence

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
    (
        r"ARITHMETIC_OVERFLOW|CAST_OVERFLOW|NUMERIC_VALUE_OUT_OF_RANGE|NUMERIC_OUT_OF_SUPPORTED_RANGE",
        "a number is too great for its type",
        "Cast it to a wider type in the mart's SQL: `bigint`, `decimal(38,2)`.",
    ),
)

_AGAIN = "Nothing was published. Run again; if it happens again, report it"
_REFUSED = re.compile(r"AccessDenied|Status Code: 403|not authorized to perform", re.IGNORECASE)


@contextmanager
def explained(contract: Contract, lake: Lake) -> Iterator[None]:
    """Turn errors of Spark and of the file system into `RunFailed` or `UnusableContract`."""
    try:
        yield
    except HeadgateError:
        raise
    except (AnalysisException, ParseException) as error:
        problem = f"Spark cannot carry it out: {sentence(error)}"
        raise UnusableContract(
            [Fault(contract.file, "", problem, "Correct the expression or the query that it names.")]
        ) from error
    except (PySparkException, Py4JError, OSError) as error:
        raise _in_plain_words(error, contract, lake) from error
    except Exception as error:  # a fault of Headgate must not keep the other datasets from running
        what = f"stopped: {type(error).__name__}: {sentence(error)}"
        raise RunFailed(what, where=contract.dataset, remedy=f"{_AGAIN}.") from error


def is_of_the_machine(error: Exception) -> bool:
    """True where disk, memory or rights failed, and no file is to blame."""
    text = str(error)
    return bool(_REFUSED.search(text)) or any(re.search(pattern, text, re.IGNORECASE) for pattern, _, _ in _KNOWN)


def _in_plain_words(error: Exception, contract: Contract, lake: Lake) -> RunFailed:
    text = str(error)
    if _REFUSED.search(text):
        remedy = "Give the job's role that right (Terraform writes its policy), then run again. Nothing was published."
        return RunFailed(f"AWS refused access: {sentence(error)}", where=contract.dataset, remedy=remedy)
    for pattern, what, remedy in _KNOWN:
        if re.search(pattern, text, re.IGNORECASE):
            return RunFailed(what, where=lake.storage.root, remedy=f"{remedy} Nothing was published.")
    remedy = f"{_AGAIN} with Spark's own trace\n(on a laptop HEADGATE_SPARK_TRACE=full prints it)."
    return RunFailed(f"stopped: {sentence(error)}", where=contract.dataset, remedy=remedy)
