"""Rows that are written and not yet audited are invisible to Athena: before, during and after a closed gate.

The rows are in a branch while the audit runs, for some seconds. The probe queries Athena every second during the run.
Afterwards the table's earlier metadata files show, to the millisecond, when the branch existed; at least one query must
have been asked and answered in that time.
"""

from __future__ import annotations

from collections.abc import Sequence

from headgate.verify.athena import Answer
from headgate.verify.iceberg_metadata import IcebergMetadata, UnpublishedBranch
from headgate.verify.probe import Probe, ProbeFailed, require
from headgate.verify.probe_dataset import GOOD, HEAVY
from headgate.verify.probed_lake import ProbedLake

SQL = "SELECT count(*), count_if(wave = 'heavy'), coalesce(sum(amount), 0) FROM {table}"
EXPECTED = (str(GOOD.kept), "0", str(GOOD.amount))


def _look(lake: ProbedLake) -> str:
    lake.published_run()
    before, first = lake.table_metadata(), lake.ask(SQL)
    require(first.rows == [EXPECTED], f"before the run Athena shows {first.rows}, expected {EXPECTED}")
    queries: list[str] = []
    run = lake.closed_run(HEAVY, lambda: queries.append(lake.start_query(SQL)))
    answers = [*(lake.wait_for_answer(query) for query in queries), lake.ask(SQL)]
    wrong = next((answer for answer in answers if answer.rows != [EXPECTED]), None)
    require(wrong is None, f"Athena showed {wrong and wrong.rows} at {wrong and wrong.asked}, expected {EXPECTED}")
    branch = _branch(run.record["run_id"], before, lake.table_metadata())
    during = _answers_during(branch, answers)
    seconds = (branch.dropped - branch.written).total_seconds()
    return (
        f"branch `{branch.branch}` held {branch.rows} rows for {seconds:.1f} s; "
        f"Athena showed {GOOD.kept} in {len(answers)} answers, {during} of them in that time"
    )


def _branch(run: str, before: IcebergMetadata, after: IcebergMetadata) -> UnpublishedBranch:
    """Return the run's branch from the earlier metadata. Main must be unchanged, and the branch must be dropped."""
    name = f"run_{run.replace('-', '_').lower()}"
    require(after.main == before.main, f"main moved from snapshot {before.main} to {after.main} though the gate closed")
    require(name not in after.branches, f"the branch `{name}` still exists")
    branch = after.unpublished(name)
    if branch is None:
        raise ProbeFailed(f"no earlier metadata file of the table has a branch `{name}`: no rows were written to one")
    expected = GOOD.kept + HEAVY.kept
    require(branch.rows == expected, f"the branch held {branch.rows} rows, expected {expected}")
    return branch


def _answers_during(branch: UnpublishedBranch, answers: Sequence[Answer]) -> int:
    count = sum(branch.written <= answer.asked and answer.answered <= branch.dropped for answer in answers)
    what = f"none of {len(answers)} answers fell between {branch.written:%H:%M:%S} and {branch.dropped:%H:%M:%S}"
    require(count > 0, f"{what}, when the branch existed. Run this probe again")
    return count


PROBE = Probe(
    name="unaudited-rows",
    claim="unaudited rows are invisible to Athena",
    sent="a file of 2 rows that closes the gate at the audit; the same query every second",
    look=_look,
)
