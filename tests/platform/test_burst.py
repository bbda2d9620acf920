"""A burst of ten thousand objects through S3's events, the queue and the planned state machines (see burst.py)."""

from __future__ import annotations

import pytest
from burst import Arrivals, Change, Executions, Machine, Planned, publish, start_afresh
from emulator import EmulatedAccount
from mocked_plan import Plan

from headgate.lake.ledger import POINTER

pytestmark = pytest.mark.needs("terraform", "ministack")

OBJECTS = 10_000
WINDOWS = 10  # in which they arrive
QUIET = 10  # windows after the last object
LASTS = 30  # minutes of a run: objects arrive while two of them run
Seen = tuple[Arrivals, Executions]


@pytest.fixture(scope="module")
def planned(lake: Plan) -> Planned:
    return Planned(lake, "orders")


def nothing(admit: Machine, pipeline: Machine) -> None:
    """The definitions as planned."""


def without_the_check_for_a_running_one(admit: Machine, pipeline: Machine) -> None:
    admit["States"]["Anything new"]["Choices"][0]["Next"] = "Start"


def without_a_name(admit: Machine, pipeline: Machine) -> None:
    del admit["States"]["Start"]["Arguments"]["Name"]


def for_many_windows(aws: EmulatedAccount, planned: Planned, objects: int, change: Change = nothing) -> Seen:
    """Objects arrive for fifty minutes; every tick is delivered twice, as may happen with Scheduler."""
    start_afresh(aws)
    arrivals = Arrivals(aws, planned)
    executions = Executions(aws, planned, arrivals.staging, LASTS, change)
    for number in range(WINDOWS + QUIET):
        minute = number * executions.window
        if number < WINDOWS:
            arrivals.arrive(objects // WINDOWS)
        for _ in range(2):
            executions.tick(minute)
            executions.work(minute)
    return arrivals, executions


def within_a_window(aws: EmulatedAccount, planned: Planned, objects: int, change: Change = nothing) -> Seen:
    """Objects arrive within one window, whose tick is delivered five times; a run takes no time."""
    start_afresh(aws)
    arrivals = Arrivals(aws, planned)
    executions = Executions(aws, planned, arrivals.staging, 0, change)
    for minute in (0, 0, 0, 0, 0, executions.window):
        if not minute:
            arrivals.arrive(objects // 5)
        executions.tick(minute)
        executions.work(minute)
    return arrivals, executions


def test_ten_thousand_objects_start_three_executions_and_none_is_missed(
    emulator: EmulatedAccount, planned: Planned
) -> None:
    arrivals, executions = for_many_windows(emulator, planned, OBJECTS)
    assert len(arrivals.keys) == OBJECTS
    # The first lists what has arrived by 00:00, the second by 00:30, the third the rest; then nothing is new.
    assert list(executions.started()) == ["orders-20261121T0000", "orders-20261121T0030", "orders-20261121T0100"]
    assert executions.most_at_once == 1
    assert arrivals.keys <= executions.listed
    assert arrivals.hints() == 0


def test_a_run_that_ends_at_once_is_not_started_again_in_its_window(
    emulator: EmulatedAccount, planned: Planned
) -> None:
    arrivals, executions = within_a_window(emulator, planned, 500)
    assert list(executions.started()) == ["orders-20261121T0000", "orders-20261121T0005"]
    assert arrivals.keys <= executions.listed
    assert arrivals.hints() == 0


def test_an_execution_without_a_failure_succeeds(emulator: EmulatedAccount, planned: Planned) -> None:
    _, executions = within_a_window(emulator, planned, 5)
    assert set(executions.started().values()) == {"SUCCEEDED"}


REFINE, REVENUE, BEST = "test-refine-orders", "test-build_mart-revenue", "test-build_mart-best_customers"


def one_load(aws: EmulatedAccount, planned: Planned) -> Executions:
    """A file arrives and is refined; the catalog does not change."""
    arrivals = Arrivals(aws, planned)
    executions = Executions(aws, planned, arrivals.staging, 0, nothing)
    arrivals.arrive(1)
    executions.tick(0)
    executions.work(0)
    return executions


@pytest.mark.parametrize(
    ("published", "begun"),
    [
        ([], [REFINE]),
        (["orders"], [REFINE]),  # revenue reads customers too
        (["orders", "customers"], [REFINE, REVENUE]),  # best_customers reads revenue, which this test does not publish
        (["orders", "customers", "revenue"], [REFINE, REVENUE, BEST]),
        (["orders", "revenue"], [REFINE, REVENUE, BEST]),  # customers has vanished: the job reports that
    ],
)
def test_a_mart_waits_until_all_that_it_reads_is_published(
    emulator: EmulatedAccount, planned: Planned, published: list[str], begun: list[str]
) -> None:
    start_afresh(emulator)
    publish(emulator, *published)
    executions = one_load(emulator, planned)
    assert executions.begun == begun
    assert set(executions.started().values()) == {"SUCCEEDED"}, "a mart that waits is not a failure"


def test_a_parquet_table_that_terraform_created_is_not_published_yet(
    emulator: EmulatedAccount, planned: Planned
) -> None:
    start_afresh(emulator)
    publish(emulator, "orders")
    publish(emulator, "customers", classification="parquet", EXTERNAL="TRUE")
    assert one_load(emulator, planned).begun == [REFINE]


def test_a_parquet_table_is_published_once_it_points_at_its_ledger(emulator: EmulatedAccount, planned: Planned) -> None:
    start_afresh(emulator)
    publish(emulator, "orders")
    publish(emulator, "customers", **{"classification": "parquet", POINTER: "ledger/customers/a.json"})
    assert one_load(emulator, planned).begun == [REFINE, REVENUE]


def test_folders_and_files_of_other_datasets_leave_no_hint(emulator: EmulatedAccount, planned: Planned) -> None:
    start_afresh(emulator)
    arrivals = Arrivals(emulator, planned)
    arrivals.put(["staging/orders/"], body=b"")
    arrivals.put(["staging/crm/customers/a.csv", "orders/a.csv"])
    arrivals.arrive(1)  # the events before it have been sent by now
    assert arrivals.hints() == 1
    assert arrivals.one_hint()["key"] in arrivals.keys


def test_a_hint_is_the_object_of_the_event(emulator: EmulatedAccount, planned: Planned) -> None:
    start_afresh(emulator)
    arrivals = Arrivals(emulator, planned)
    arrivals.arrive(1)
    hint = arrivals.one_hint()
    assert {"key", "size", "etag"} <= set(hint)
    assert hint["size"] == len(b"id\n1\n")


def test_a_hint_whose_queue_is_gone_is_a_dead_letter(emulator: EmulatedAccount, planned: Planned) -> None:
    start_afresh(emulator)
    arrivals = Arrivals(emulator, planned)
    arrivals.lose_queue()
    arrivals.put(["staging/orders/a.csv"])
    letter = arrivals.one_dead_letter()
    assert (letter["object"]["key"], letter["queue"]) == ("staging/orders/a.csv", "test-arrivals-orders")


def test_without_the_check_for_a_running_one_more_than_three_start(emulator: EmulatedAccount, planned: Planned) -> None:
    _, executions = for_many_windows(emulator, planned, 50, without_the_check_for_a_running_one)
    assert len(executions.started()) > 3
    assert executions.most_at_once > 1


def test_without_a_name_more_than_three_start_in_a_window(emulator: EmulatedAccount, planned: Planned) -> None:
    _, executions = within_a_window(emulator, planned, 50, without_a_name)
    assert len(executions.started()) > 3
