"""Small inputs that once went wrong, each with its right result: run as they lie beside the checkout."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bench import Bench
from headgate.cli.quarantine import refused_rows
from headgate.errors import UnusableContract
from headgate.project import load_project
from needs import real_data

CASES = real_data().parent / "cases"
Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Right:
    """What a dataset of a case must give: counts, rows of the table, and words of the reasons of refused rows."""

    dataset: str
    read: int | None = None
    published: int | None = None
    quarantined: int | None = None
    skipped: int | None = None
    superseded: int | None = None
    sql: str = ""
    rows: Rows = ()
    reasons: Sequence[str] = ()
    status: str = "published"
    why: str = ""  # words of the outcome's reason

    def counts(self) -> dict[str, int]:
        names = ("read", "published", "quarantined", "skipped", "superseded")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


@dataclass(frozen=True)
class Case:
    """One case: edits of its contracts (text to text), what happens before it runs, and what is right."""

    name: str
    right: Sequence[Right]
    edits: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[Bench], None] = lambda bench: None


def utc(column: str) -> str:
    return f"strftime(\"{column}\" AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%g')"


def D(*numbers: str | None) -> tuple[Decimal | None, ...]:
    return tuple(None if number is None else Decimal(number) for number in numbers)


def _case(bench: Bench, case: Case) -> None:
    shutil.copytree(CASES / case.name, bench.root, dirs_exist_ok=True)
    for file in (bench.root / "contracts").rglob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        for old, new in case.edits.items():
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
    case.before(bench)


def _first(name: str) -> Callable[[Bench], None]:
    """Run once; then the file `_<name>` gets its name without the `_`."""

    def before(bench: Bench) -> None:
        bench.run()
        file = next((bench.root / "staging").rglob(f"_{name}"))
        file.rename(file.with_name(name))

    return before


def _new_field(bench: Bench) -> None:
    _first("2.json")(bench)
    file = bench.root / "contracts" / "cases" / "nest.yaml"
    file.write_text(file.read_text().replace("qty:int>", "qty:int,colour:string>"))


def _mended(bench: Bench) -> None:
    bench.run()
    bench.put("q/a.csv", "id,v\n1,5\n2,33\n", arrived=60)


def _again(bench: Bench) -> None:
    bench.run()


def _expires(bench: Bench) -> None:
    soon = int(time.time()) + 20
    bench.put("offers/a.csv", f"id,expires_at\n1,{soon}\n2,{soon + 86400}\n")
    bench.run()
    assert bench.rows("SELECT id FROM open_offers ORDER BY id") == [(1,), (2,)]
    time.sleep(max(0.0, soon + 1 - time.time()))


PARTS = [n for n in range(1, 21) if n != 5]
CASES_AND_RIGHTS = (
    Case(
        "absent-decimal-comma",
        [
            Right("prices", read=3, published=2, quarantined=1, reasons=["amount: not a decimal(12,2)"],
                  sql="SELECT id, amount, qty FROM prices ORDER BY id",
                  rows=[(1, *D("1234.50", "1.00")), (2, *D("12.00", "2.50"))]),
        ],
        edits={
            "  - {name: amount_text, source: betrag, type: string}\n": "",
            "type: \"decimal(12,2)\", derived: \"replace(replace(amount_text, '.', ''), ',', '.')\"}":
                "source: betrag, type: \"decimal(12,2)\", decimal: \",\", thousands: \".\"}",
            "qty, type: \"decimal(12,2)\"": "qty, type: \"decimal(12,2)\", decimal: \",\"",
        },
    ),
    Case(
        "absent-delimiter-at-line-end",
        [Right("trailing", published=2, sql="SELECT id, v FROM \"trailing\" ORDER BY id", rows=[(1, "x"), (2, "y")])],
        edits={"columns:": "source: {read: {trailing_delimiter: true}}\ncolumns:"},
    ),
    Case(
        "absent-other-escapes",
        [
            Right(
                "cities",
                published=4,
                sql="SELECT id, city FROM cities ORDER BY id",
                rows=[(1, "Port O'Hara"), (2, "a\\\\b"), (3, 'say "hi"'), (4, "tab\\there")],
            )
        ],
        edits={'escape: "\\\\"': 'escape: "\\\\", escapes: any'},
    ),
    Case(
        "absent-short-rows",
        [Right("ragged", published=2, sql="SELECT a, b, c FROM ragged ORDER BY a", rows=[(1, 2, 3), (4, 5, None)])],
        edits={"columns:": 'source: {read: {missing_last: "null"}}\ncolumns:'},
    ),
    Case(
        "csv-lines-stacked-tables",
        [
            Right(
                "kinds",
                read=6,
                published=2,
                skipped=4,
                sql="SELECT kind_id, description FROM kinds ORDER BY 1",
                rows=[(1, "Alpha"), (2, "Beta")],
            )
        ],
        edits={"columns:": 'source: {read: {skip_from: "^,$"}}\ncolumns:'},
    ),
    Case(
        "absent-escaped-delimiter",
        [Right("dump", read=4, published=4, sql="SELECT id, v, w FROM dump ORDER BY id",
               rows=[(1, None, "x"), (2, "a\tb", "y"), (3, "line\\end", "z"), (4, "cr\nlf", "q")])],
    ),
    Case(
        "absent-helper-columns",
        [Right("shares", published=2, sql="SELECT id, share, day FROM shares ORDER BY id",
               rows=[(1, 0.5, date(2020, 1, 2)), (2, None, date(2020, 1, 2))])],
        edits={"  - {name: share, ": "  - {name: share_text, type: string, publish: false}\n  - {name: share, "},
    ),
    Case(
        "absent-json-without-line-ends",
        [
            Right("stream", read=3, published=3, sql="SELECT id, v FROM stream ORDER BY id",
                  rows=[(1, "a"), (2, "b"), (3, "c")]),
            Right("pretty", read=4, published=4, sql="SELECT id FROM pretty ORDER BY id",
                  rows=[(1,), (2,), (3,), (4,)]),
        ],
    ),
    Case(
        "absent-new-field-in-struct",
        [Right("nest", published=1, sql="SELECT id, item.sku, item.qty, item.colour FROM nest ORDER BY id",
               rows=[(1, "a", 2, None), (2, "b", 3, "red")])],
        before=_new_field,
    ),
    Case("absent-trailer-record",
         [Right("with_trailer", read=3, published=2, skipped=1, quarantined=0,
                sql="SELECT id, amount, note FROM with_trailer ORDER BY id",
                rows=[("a", *D("1.00"), "x"), ("b", *D("2.00"), "y")])]),
    Case("ancient-date-in-csv",
         [Right("ancient", read=2, published=2, sql="SELECT id, d FROM ancient ORDER BY id",
                rows=[(1, date(2024, 1, 1)), (2, date(1, 1, 1))])]),
    Case(
        "ancient-date-in-parquet",
        [
            Right("old_values", published=2, sql=f"SELECT id, {utc('at')}, d FROM old_values ORDER BY id",
                  rows=[(1, "2024-05-01 10:00:00.000", date(2024, 5, 1)),
                        (2, "1899-12-30 00:00:00.000", date(1, 1, 1))]),
            Right("old_int96", published=2, sql=f"SELECT id, {utc('at')} FROM old_int96 ORDER BY id",
                  rows=[(1, "2024-05-01 10:00:00.000"), (2, "1899-12-30 00:00:00.000")]),
        ],
    ),
    Case("checks-contradicting-rows",
         [Right("conflict", read=11, published=5, superseded=6, sql="SELECT id, v FROM conflict ORDER BY id",
                rows=[(1, "second"), (2, "last"), (3, "c"), (4, "y"), (5, "old")])]),
    Case("checks-skip-when-never-true",
         [Right("footer", read=3, published=2, skipped=1, quarantined=0,
                sql="SELECT id, amount FROM footer ORDER BY id", rows=[(1, 10), (2, 20)])]),
    Case("csv-dialect-break-in-last-value",
         [Right("notes", read=4, published=2, quarantined=2, reasons=["multi_line", "multi_line"],
                sql="SELECT name, note FROM notes ORDER BY name", rows=[("w", "four"), ("x", "one")])]),
    Case("csv-dialect-other-escape",
         [Right("titles", read=5, published=2, quarantined=3, reasons=["escape"] * 3,
                sql="SELECT id, title, n FROM titles ORDER BY id",
                rows=[(1, "plain", 1), (2, 'a "good" one', 2)])]),
    Case("csv-dialect-stray-open-quote",
         [Right("parts", read=20, published=19, quarantined=1, sql="SELECT id, note FROM parts ORDER BY id",
                rows=[(n, f"note {n}") for n in PARTS]),
          Right("parts_short", read=4, published=3, quarantined=1, sql="SELECT id FROM parts_short ORDER BY id",
                rows=[(1,), (3,), (4,)])]),
    Case("csv-lines-mixed-line-ends",
         [Right("mixed_ends", read=3, sql="SELECT id, name FROM mixed_ends ORDER BY id",
                rows=[(1, "a"), (2, "b"), (3, "c")]),
          Right("mixed_key", read=2, superseded=1, sql="SELECT id FROM mixed_key", rows=[("a",)]),
          Right("mixed_one", read=3, sql="SELECT name FROM mixed_one ORDER BY name",
                rows=[("a",), ("b",), ("c",)])]),
    Case("csv-lines-repeated-header",
         [Right("pairs", read=3, published=2, skipped=1, sql="SELECT name, note FROM pairs ORDER BY name",
                rows=[("a", "b"), ("c", "d")])]),
    Case("deletes-change-records",
         [Right("people", read=2, published=1, sql="SELECT op, id, name FROM people ORDER BY id",
                rows=[("U", 2, "bertram")])],
         edits={"skip_when:": "delete_when:"}, before=_first("2.csv")),
    Case("derived-integer-overflow",
         [Right("overflow", read=3, sql="SELECT a, b, c, d FROM overflow ORDER BY a", rows=[(0, 1, 0, 0)],
                reasons=["b: ", "c: "])]),
    Case("file-fate-all-rows-of-one-file",
         [Right("daily", published=240, sql="SELECT count(*) FROM daily", rows=[(240,)])]),
    Case("file-fate-bad-file-blocks-good",
         [Right("bad", published=20, sql="SELECT count(*) FROM bad", rows=[(20,)])]),
    Case("file-fate-refused-file-forgotten",
         [Right("waits", sql="SELECT count(*) FROM waits", rows=[(1,)], status="unchanged")], before=_again),
    Case("file-fate-utf16-without-mark",
         [Right("wide", status="closed", why="`utf-16-be`"),
          Right("zebra", published=1, sql="SELECT id FROM zebra", rows=[(1,)])]),
    Case("marts-rolling-window", [Right("open_offers", sql="SELECT id FROM open_offers", rows=[(2,)])],
         before=_expires),
    Case("marts-with-named-like-its-source",
         [Right("named_people", published=2, sql="SELECT id, name FROM named_people ORDER BY id",
                rows=[(1, "anna"), (2, "bert")])]),
    Case("messages-conflict-markers", [Right("m", status="closed", why="conflict marker")]),
    Case("messages-quarantine-after-mending",
         [Right("q", sql="SELECT id, v FROM q ORDER BY id", rows=[(1, 5), (2, 33)])], before=_mended),
    Case("messages-replacement-character",
         [Right("fffd", published=2, sql="SELECT id, name FROM fffd ORDER BY id",
                rows=[(1, "M\ufffdller"), (2, "Meier")])]),
    Case("messages-upper-case-gz", [Right("upper", published=1, sql="SELECT id FROM upper", rows=[(1,)])]),
    Case("names-json-key-case",
         [Right("orders", published=2, sql="SELECT orderid, customername FROM orders ORDER BY 1",
                rows=[(1, "Anna"), (2, "Bert")])]),
    Case("names-value-in-the-path",
         [Right("by_day", published=3, sql="SELECT id, day FROM by_day ORDER BY id",
                rows=[(1, date(2024, 5, 1)), (2, date(2024, 5, 1)), (3, date(2024, 5, 2))])]),
    Case("parquet-bytes-as-text",
         [Right("texts", read=2, published=1, quarantined=1, reasons=["v: bytes that are not utf-8"],
                sql="SELECT id, v FROM texts", rows=[(2, "ok")])]),
    Case("parquet-local-timestamps",
         [Right("local_times", published=2, sql=f"SELECT id, {utc('at')} FROM local_times ORDER BY id",
                rows=[(1, "2024-07-01 08:00:00.000"), (2, "2024-07-01 09:00:00.500")])]),
    Case("parquet-nanoseconds",
         [Right("readings", read=4, published=4, sql=f"SELECT id, {utc('at')} FROM readings ORDER BY id",
                rows=[(1, "2024-05-01 10:00:00.000")] * 2 + [(2, "2024-05-02 11:00:00.000")] * 2)]),
    Case("parquet-number-forms",
         [Right("dec_round", published=3, sql="SELECT amount FROM dec_round ORDER BY id",
                rows=[D("12.50"), D("0.00"), D("0.00")]),
          Right("dbl_round", published=3, sql="SELECT amount FROM dbl_round ORDER BY id",
                rows=[D("12.50"), D("12345678.90"), D("0.00")]),
          Right("dec_plain", published=2, quarantined=1, sql="SELECT id, amount FROM dec_plain ORDER BY id",
                rows=[(1, *D("12.50")), (2, *D("7.00"))])]),
    Case("time-clock-change",
         [Right("clock", read=5, published=2, quarantined=3, sql=f"SELECT id, {utc('at')} FROM clock ORDER BY id",
                rows=[(1, "2024-03-31 00:59:00.000"), (3, "2024-03-31 01:30:00.000")]),
          Right("meter", read=6, published=3, quarantined=3, superseded=0,
                sql=f"SELECT kwh, {utc('at')} FROM meter ORDER BY \"at\"",
                rows=[(*D("1.00"), "2024-03-31 00:30:00.000"), (*D("2.00"), "2024-03-31 01:30:00.000"),
                      (*D("5.00"), "2024-10-27 02:30:00.000")])]),
    Case("time-excess-fraction",
         [Right("precise", read=3, published=2, quarantined=1, sql="SELECT id FROM precise ORDER BY id",
                rows=[(2,), (3,)])]),
    Case("time-optional-zone",
         [Right("with_offset", sql=f"SELECT id, {utc('at')} FROM with_offset ORDER BY id",
                rows=[(1, "2024-07-01 08:00:00.000"), (2, "2024-07-01 08:00:00.000")]),
          Right("with_offset_json", sql=f"SELECT id, {utc('at')} FROM with_offset_json ORDER BY id",
                rows=[(1, "2024-01-15 09:00:00.000"), (2, "2024-01-15 14:00:00.000")])]),
    Case("time-two-digit-year",
         [Right("births", published=2, sql="SELECT id, born FROM births ORDER BY id",
                rows=[(1, date(1965, 5, 12)), (2, date(2020, 5, 12))])],
         edits={"formats: [dd-MMM-yy]": "formats: [dd-MMM-yy], century_from: 1930"}),
    Case("writes-default-partition-text",
         [Right("codes", read=8, published=7, quarantined=1, reasons=["cannot name a partition"],
                sql="SELECT id, code FROM codes ORDER BY id",
                rows=[(1, "007"), (2, "7"), (3, "2024-05-01"), (4, "1e3"), (5, None), (6, "a/b=c%d e"), (8, "0x1F")])]),
)  # fmt: skip


@pytest.mark.needs("real data")
@pytest.mark.parametrize("case", CASES_AND_RIGHTS, ids=lambda case: case.name)
def test_a_case_that_went_wrong_gives_its_right_result(case: Case, bench: Bench) -> None:
    _case(bench, case)
    outcomes = bench.run().outcomes
    for right in case.right:
        outcome = outcomes[right.dataset]
        assert outcome.status == right.status, outcome.reason
        assert right.why in (outcome.reason or "")
        assert right.counts() == {name: getattr(outcome, name) for name in right.counts()}
        if right.sql:
            assert bench.rows(right.sql) == list(right.rows)
        if right.reasons:
            _reasons_are(bench, right)


def _reasons_are(bench: Bench, right: Right) -> None:
    """Each refused row has a reason with one of the words, and each word is in some row."""
    refused = [" ".join(row.reasons) for row in refused_rows(bench.lake, right.dataset)]
    assert len(refused) == len(right.reasons) or right.quarantined is None
    assert all(any(word in reason for reason in refused) for word in right.reasons), refused


REFUSED_BY_CHECK = (
    ("checks-what-no-run-can-do",
     ["enc_base64", "percent", "bare_t", "no_function", "aggregate", "sentinel_text", "enum_text", "ignored_id",
      "quote_comma"]),
    ("checks-flex-with-large-worker", ["flex"]),
    ("time-pattern-slips", ["month_mm", "month_slash", "hour_hh", "minute_mm", "day_dd"]),
    ("time-two-digit-year", ["births"]),
)  # fmt: skip


@pytest.mark.needs("real data")
@pytest.mark.parametrize(("name", "datasets"), REFUSED_BY_CHECK, ids=[name for name, _ in REFUSED_BY_CHECK])
def test_a_contract_that_no_run_can_carry_out_is_refused(name: str, datasets: Sequence[str], bench: Bench) -> None:
    _case(bench, Case(name, []))
    with pytest.raises(UnusableContract) as refused:
        load_project(bench.root / "contracts", bench.lake)
    told = str(refused.value)
    assert [dataset for dataset in datasets if f"{dataset}.yaml" not in told] == []


EVERY_CASE = {case.name for case in CASES_AND_RIGHTS} | {name for name, _ in REFUSED_BY_CHECK}


@pytest.mark.needs("real data")
def test_every_case_has_a_test() -> None:
    assert {folder.name for folder in CASES.iterdir() if folder.is_dir()} - EVERY_CASE == set()
