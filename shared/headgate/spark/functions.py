"""The text of `contract/spark_functions.txt`, from Spark's registry: `python -m headgate.spark.functions`."""

from __future__ import annotations

import re
import textwrap
from typing import Any

from pyspark.sql import SparkSession

_KINDS = {"agg_funcs": "aggregate", "window_funcs": "window", "generator_funcs": "generator"}
_TITLE = "# Spark's built-in functions by kind, written by `python -m headgate.spark.functions`\n"


def function_table(spark: SparkSession) -> str:
    """The text of the file: lines of a kind and its functions."""
    jvm: Any = spark._jvm
    entries, kinds = jvm.org.apache.spark.sql.catalyst.analysis.FunctionRegistry.expressions().iterator(), {}
    while entries.hasNext():
        entry = entries.next()
        kind = _KINDS.get(entry._2()._1().getGroup(), "scalar")
        if re.fullmatch(r"\w+", entry._1()) and entry._1() not in ("and", "or", "not", "in", "like", "ilike", "div"):
            kinds.setdefault(kind, []).append(entry._1())
    return _TITLE + "".join(_lines(kind, sorted(names)) for kind, names in sorted(kinds.items()))


def _lines(kind: str, names: list[str]) -> str:
    return "".join(f"{kind} {line}\n" for line in textwrap.wrap(" ".join(names), 108))


if __name__ == "__main__":
    from headgate.spark.session import local_session

    print(function_table(local_session("functions", 1)), end="")
