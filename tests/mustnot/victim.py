"""A run in a process of its own, made to be killed: orders come in on stdin, answers go out on stdout, one JSON a line.

    python victim.py PROJECT        then {"run": ["orders"]} → {"run_id": …, "datasets": {…}}

The runs are those of the command line (`headgate.cli.local.run_here`); only Spark's settings are for a short life.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TextIO


def main(root: Path, orders: TextIO, answers: TextIO) -> None:
    """Start Spark, say so, and run what is asked until stdin ends."""
    from headgate.cli.local import run_here
    from headgate.cli.show import as_document
    from headgate.spark.session import local_session

    local_session("victim", 1)
    _say(answers, {"ready": os.getpid()})
    for line in orders:
        order = json.loads(line)
        result, report = run_here(
            root / "contracts", root / "staging", root / "lake", order["run"], full=order.get("full", False),
            progress=False,
        )  # fmt: skip
        _say(answers, as_document(result, report))


def _say(answers: TextIO, what: object) -> None:
    answers.write(json.dumps(what, default=str) + "\n")
    answers.flush()


if __name__ == "__main__":
    # What others print on stdout must not be taken for an answer.
    spoken = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    main(Path(sys.argv[1]), sys.stdin, spoken)
