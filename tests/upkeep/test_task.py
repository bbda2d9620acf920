"""The task of the job `maintain`: what is refused before anything starts."""

from __future__ import annotations

import pytest

from headgate.errors import UnusableArgument
from headgate.upkeep.task import TASKS, Task


@pytest.mark.parametrize("name", TASKS)
def test_every_task_is_usable_for_a_dataset(name: str) -> None:
    Task(name, "", "7", named=True).require_usable()


@pytest.mark.parametrize(
    ("task", "what", "remedy"),
    [
        (
            Task("tidy", "", "7", True),
            "`--task tidy` is not known",
            "Known are maintain, rollback, hold, resume, acknowledge.",
        ),
        (Task("hold", "", "7", False), "`--task hold` needs a dataset", "Add `--dataset NAME`."),
        (Task("hold", "r1", "7", True), "`--to` goes with `--task rollback` only", "Leave it out."),
        (Task("hold", "", "7", True, "a.csv"), "`--path` goes with `--task acknowledge` only", "Leave it out."),
        *(
            (
                Task("maintain", "", days, False),
                f"`--keep_days {days}` must be a whole number, at least 1",
                "Write",
            )
            for days in ("0", "-1", "1.5", "x", "")
        ),
    ],
    ids=str,
)
def test_a_task_that_cannot_be_carried_out_is_refused(task: Task, what: str, remedy: str) -> None:
    with pytest.raises(UnusableArgument) as refused:
        task.require_usable()
    assert refused.value.what == what and remedy in refused.value.remedy
