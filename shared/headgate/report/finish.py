"""The end of a run: write its record. If that fails, the run's own result is still reported."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from headgate import stopping
from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.lake.storage import Storage
from headgate.report.facts import RunFacts, versions
from headgate.report.write import write_run
from headgate.run import Result


def finish_run(storage: Storage, result: Result, described: Mapping[str, Contract], **asked: Any) -> str | None:
    """Write the run's record and return the page's address; if it cannot be written, print why and return None.

    `asked` are the fields of `RunFacts` that describe the request: `host`, `named`, `full`, `contracts`, `source`,
    `lake`.
    """
    used = versions(None if stopping.requested() else SparkSession.getActiveSession())  # Ctrl-C has ended Spark
    typed = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    facts = RunFacts(result.run, result.started, result.finished, versions=used, command=typed, **asked)
    try:
        return write_run(storage, facts, list(result.outcomes.values()), described)
    except RunFailed as error:
        print(error, file=sys.stderr)
        return None
