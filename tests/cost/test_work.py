"""How long a run takes: measured, else worked out from bytes, else assumed. Every figure is worked out by hand."""

from __future__ import annotations

import pytest
from lakes import PRICES, past

from headgate.contract.model import Job
from headgate.cost.model import CPU_SECONDS_PER_MB, START_SECONDS, cores, modelled_seconds
from headgate.cost.work import Work, deliveries_a_month, work_of

TWO, THREE = Job(), Job(workers=3)


def test_the_median_and_the_longest_run_count() -> None:
    work = Work((past(10.0, "laptop"), past(40.0, "laptop"), past(12.0, "laptop")))
    assert (work.seconds(TWO, PRICES), work.largest(TWO, PRICES)) == (12.0, 40.0)


def test_runs_on_glue_come_before_runs_on_a_laptop_and_both_before_bytes() -> None:
    glue, laptop = past(90.0), past(10.0, "laptop")
    assert work_of([laptop, glue], 5).runs == (glue,)
    assert work_of([laptop], 5).basis == "laptop"
    assert (work_of([], 5).basis, work_of([], None).basis) == ("bytes", "assumed")


def test_one_worker_is_the_driver() -> None:
    assert [cores(job, PRICES) for job in (TWO, THREE, Job(worker="G.4X", workers=3))] == [4, 8, 32]


def test_on_glue_another_size_divides_all_but_the_start() -> None:
    work = Work((past(START_SECONDS + 100, job=TWO),))
    assert work.seconds(THREE, PRICES) == START_SECONDS + 50  # 8 cores instead of 4
    assert Work((past(100.0),)).seconds(THREE, PRICES) == 100.0  # the size was not recorded
    assert Work((past(10.0, job=TWO),)).seconds(THREE, PRICES) == 10.0  # all of it is the start


def test_a_laptops_seconds_are_taken_as_they_are() -> None:
    assert Work((past(100.0, "laptop", TWO),)).seconds(THREE, PRICES) == 100.0


def test_without_a_run_the_seconds_follow_from_the_bytes_or_are_assumed() -> None:
    hundred_mb = START_SECONDS + 100 * CPU_SECONDS_PER_MB / 4
    assert modelled_seconds(100_000_000, TWO, PRICES) == pytest.approx(hundred_mb)
    assert Work(bytes=100_000_000).seconds(TWO, PRICES) == pytest.approx(hundred_mb)
    assert Work().seconds(TWO, PRICES) == 180


def test_a_run_reads_the_median_of_the_bytes() -> None:
    assert Work((past(1.0, size=10), past(1.0, size=30), past(1.0))).read == 20
    assert (Work(bytes=7).read, Work().read) == (7, None)


@pytest.mark.parametrize(
    ("days", "host", "runs"),
    [
        ((0, 5, 10), "glue", 6),  # two more runs in ten days
        ((0, 1, 2), "glue", None),  # less than a week
        ((0, 5, 10), "laptop", None),  # a developer's runs are not deliveries
        ((0,), "glue", None),
    ],
)
def test_deliveries_are_counted_on_glue_over_a_week_at_least(
    days: tuple[int, ...], host: str, runs: float | None
) -> None:
    assert deliveries_a_month(Work(tuple(past(1.0, host, days=day) for day in days))) == runs
