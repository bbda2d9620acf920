"""Rows that are written and not yet audited are invisible to Athena: before, during and after a closed gate.

The rows lie in a branch for as long as the audit takes, some seconds. Athena is asked every second while the run is at
work; afterwards the table's own former metadata files say from when to when the branch was there, to the
millisecond, and at least one answer must have been asked and given within.
"""

from __future__ import annotations

from collections.abc import Sequence

from headgate.verify.athena import Answer
from headgate.verify.iceberg_metadata import TableFile, Unpublished
from headgate.verify.probe import NotShown, Probe, insist
from headgate.verify.probe_dataset import GOOD, HEAVY
from headgate.verify.probed_lake import Scene

SQL = "SELECT count(*), count_if(wave = 'heavy'), coalesce(sum(amount), 0) FROM {table}"
EXPECTED = (str(GOOD.kept), "0", str(GOOD.amount))


def _look(scene: Scene) -> str:
    scene.published()
    before, first = scene.table(), scene.ask(SQL)
    insist(first.rows == [EXPECTED], f"before the run Athena shows {first.rows}, expected {EXPECTED}")
    asked: list[str] = []
    ran = scene.closed_run(HEAVY, lambda: asked.append(scene.begin(SQL)))
    answers = [*(scene.answer(query) for query in asked), scene.ask(SQL)]
    wrong = next((one for one in answers if one.rows != [EXPECTED]), None)
    insist(wrong is None, f"Athena showed {wrong and wrong.rows} at {wrong and wrong.asked}, expected {EXPECTED}")
    hidden = _hidden(ran.record["run_id"], before, scene.table())
    within = _within(hidden, answers)
    lay = (hidden.dropped - hidden.written).total_seconds()
    return (
        f"branch `{hidden.branch}` held {hidden.rows} rows for {lay:.1f} s; "
        f"Athena showed {GOOD.kept} in {len(answers)} answers, {within} of them within"
    )


def _hidden(run: str, before: TableFile, after: TableFile) -> Unpublished:
    """The branch of the run, as the table remembers it. Main must not have moved, and the branch must be gone."""
    branch = f"run_{run.replace('-', '_').lower()}"
    insist(after.main == before.main, f"main moved from snapshot {before.main} to {after.main} though the gate closed")
    insist(branch not in after.branches, f"the branch `{branch}` is still there")
    found = after.unpublished(branch)
    if found is None:
        raise NotShown(f"no former metadata file of the table knows a branch `{branch}`: nothing was written aside")
    wanted = GOOD.kept + HEAVY.kept
    insist(found.rows == wanted, f"the branch held {found.rows} rows, expected {wanted}")
    return found


def _within(hidden: Unpublished, answers: Sequence[Answer]) -> int:
    count = sum(hidden.written <= one.asked and one.answered <= hidden.dropped for one in answers)
    what = f"none of {len(answers)} answers fell between {hidden.written:%H:%M:%S} and {hidden.dropped:%H:%M:%S}"
    insist(count > 0, f"{what}, when the rows lay there. Run this probe again")
    return count


PROBE = Probe(
    name="unaudited-rows",
    claim="unaudited rows are invisible to Athena",
    sent="a file of 2 rows that closes the gate at the audit; the same query every second",
    look=_look,
)
