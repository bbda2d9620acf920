"""A disk that is full or may not be written: said plainly, nothing half published, and the next run completes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from hashlib import sha256

import pytest
from commands import headgate, is_for_a_person, run_words
from disks import fill, read_only, small_disk

from bench import ORDERS, Bench, csv

pytestmark = [pytest.mark.needs("mounting"), pytest.mark.deep]

MEGABYTES = 8
TABLE = "SELECT order_id, amount::DOUBLE FROM orders ORDER BY 1"
FORMS = {"iceberg": ORDERS, "parquet": ORDERS.replace("key: [order_id]\n", "write: {format: parquet}\n")}
MOMENTS = (
    ("read", "branch", "ledger"),
    ("list", "judged", "publish", "audited"),
)
NO_SPACE = "there is no space left"
MART = "source: {query: marts/large.sql}\ncolumns:\n  - {name: order_id, type: string}\n"


@pytest.fixture
def small(bench: Bench) -> Iterator[Bench]:
    """A project whose lake lies on a disk of a few megabytes."""
    with small_disk(bench.root / "lake", MEGABYTES):
        yield bench


@pytest.mark.parametrize("moments", MOMENTS)
@pytest.mark.parametrize("form", FORMS)
def test_a_disk_that_fills_up_at_any_moment_leaves_the_former_data(
    small: Bench, form: str, moments: Sequence[str]
) -> None:
    small.contract("orders", FORMS[form])
    small.put("orders/a.csv", csv("a,1.00", "b,x"))
    assert small.one("orders").status == "published"
    small.put("orders/b.csv", csv("c,2.00", "d,x"), arrived=60)
    for moment in moments:
        outcome = small.one("orders", log=partial(_fill_at, small, moment))
        assert (outcome.status, outcome.reason) == ("failed", NO_SPACE), moment
        assert outcome.error is not None
        assert outcome.error["where"] == small.lake.storage.root
        assert "Free space" in outcome.error["remedy"]
        assert small.rows(TABLE) == [("a", 1.0)], moment
        (small.root / "lake" / "filler").unlink()
    assert small.one("orders").status == "published"
    assert small.rows(TABLE) == [("a", 1.0), ("c", 2.0)]
    assert not [file for file in small.files("lake/_work") if "orders" in file]


@pytest.mark.parametrize("form", FORMS)
def test_a_disk_that_is_full_at_the_first_publication_leaves_no_table(small: Bench, form: str) -> None:
    small.contract("orders", FORMS[form])
    small.put("orders/a.csv", csv("a,1.00"))
    for moment in ("read", "audited", "ledger"):
        outcome = small.one("orders", log=partial(_fill_at, small, moment))
        assert (outcome.status, outcome.reason) == ("failed", NO_SPACE), moment
        assert "orders" not in _published(small)
        (small.root / "lake" / "filler").unlink()
    assert small.one("orders").status == "published"
    assert small.rows(TABLE) == [("a", 1.0)]


def test_a_warehouse_that_turns_read_only_in_the_middle_of_a_run_is_said_and_nothing_is_published(small: Bench) -> None:
    small.contract("orders")
    small.put("orders/a.csv", csv("a,1.00"))
    small.one("orders")
    small.put("orders/b.csv", csv("c,2.00"), arrived=60)
    for moment in ("judged", "branch", "ledger"):
        with ExitStack() as mounts:
            outcome = small.one(
                "orders", log=lambda step, now=moment, on=mounts, **facts: _close_at(small, on, now, step)
            )
        assert (outcome.status, outcome.reason) == ("failed", "the lake cannot be written"), moment
        assert small.rows(TABLE) == [("a", 1.0)]
    assert small.one("orders").status == "published"
    assert len(small.rows(TABLE)) == 2


def test_a_read_only_lake_fails_datasets_and_marts_with_the_same_words(small: Bench) -> None:
    small.contract("orders")
    small.contract("large", MART)
    small.sql("marts/large.sql", "SELECT order_id FROM orders WHERE amount > 1")
    small.put("orders/a.csv", csv("a,2.00"))
    assert small.run().exit_code == 0
    small.put("orders/b.csv", csv("c,2.00"), arrived=60)
    with read_only(small.root / "lake"):
        for name in ("orders", "large"):
            outcome = small.one(name, full=True)
            assert (outcome.status, outcome.reason) == ("failed", "the lake cannot be written"), outcome.error
    assert len(small.rows(TABLE)) == 1


def test_the_command_line_says_that_the_disk_is_full_and_completes_when_there_is_space(small: Bench) -> None:
    small.contract("orders", ORDERS.replace("0.5", "0.0"))
    small.put("orders/a.csv", csv("a,1.00"))
    small.one("orders")
    rows = (f"{sha256(str(i).encode()).hexdigest()},1.00" for i in range(200_000))  # more than the disk holds
    small.put("orders/b.csv", csv(*rows), arrived=60)
    ended = headgate(*run_words(small))
    assert ended.returncode == 1, ended.stderr
    assert f"failed: {small.root}/lake: {NO_SPACE}" in ended.stdout
    assert "Free space on the disk of the lake, then run again. Nothing was published." in ended.stdout
    assert is_for_a_person(ended), ended.stderr
    assert small.rows(TABLE) == [("a", 1.0)]
    small.put("orders/b.csv", csv("b,2.00"), arrived=120)
    assert small.one("orders").status == "published"


def test_the_command_line_says_that_the_lake_may_not_be_written_before_it_starts_anything(small: Bench) -> None:
    small.contract("orders")
    small.put("orders/a.csv", csv("a,1.00"))
    with read_only(small.root / "lake"):
        ended = headgate(*run_words(small))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{small.root}/lake: the lake cannot be written: Read-only file system\nChoose ")
    assert is_for_a_person(ended)


def test_a_run_whose_record_cannot_be_written_says_so_and_keeps_its_result(
    small: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    from headgate.cli.local import run_here

    small.contract("orders")
    small.put("orders/a.csv", csv("a,1.00"))
    (small.root / "lake" / "runs").mkdir()
    with read_only(small.root / "lake" / "runs"):
        folders = (small.root / "contracts", small.root / "staging", small.root / "lake")
        result, report = run_here(*folders, [], progress=False)
    assert result.exit_code == 0
    assert report is None
    said = capsys.readouterr().err
    assert "the run's report cannot be written" in said
    assert "What the run published stays published." in said
    assert small.rows(TABLE) == [("a", 1.0)]


def _fill_at(small: Bench, moment: str, step: str, **facts: object) -> None:
    if step == moment:
        fill(small.root / "lake")


def _close_at(small: Bench, mounts: ExitStack, moment: str, step: str, **facts: object) -> None:
    if step == moment:
        mounts.enter_context(read_only(small.root / "lake" / "data-warehouse"))


def _published(small: Bench) -> set[str]:
    from headgate.publish.formats import published

    return set(published(small.lake))
