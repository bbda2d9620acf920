"""Tables as pyarrow writes them, of random values of every type, against the same values judged in plain Python."""

# ruff: noqa: E501 (a table reads best in rows)
from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from depth import at_depth
from headgate.columns import FAULT, FAULTS
from headgate.gate.judge import typed

NO = "not such a value"
ROME = ZoneInfo("Europe/Rome")
EPOCH = datetime(1970, 1, 1)
EXACT = Context(prec=400)
ROWS = 12


def fixed(number: Decimal, digits: int, scale: int, *, rounds: bool = False) -> Decimal | str:
    if not number.is_finite():
        return NO
    kept = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, EXACT)
    fits = abs(kept) < Decimal(10) ** (digits - scale)
    return kept if fits and (rounds or kept == number) else NO


def whole(number: Any, bits: int) -> int | str:
    if not math.isfinite(number) or number != int(number):
        return NO
    return int(number) if -(2 ** (bits - 1)) <= number < 2 ** (bits - 1) else NO


def in_rome(local: datetime) -> datetime | str:
    moments = {local.replace(tzinfo=ROME, fold=fold).astimezone(UTC) for fold in (0, 1)}
    shown = {moment.astimezone(ROME).replace(tzinfo=None) for moment in moments}
    return moments.pop().replace(tzinfo=None) if len(moments) == 1 and shown == {local} else NO


def micros(nanos: int) -> datetime | str:
    return NO if nanos % 1000 else EPOCH + timedelta(microseconds=nanos // 1000)


def of_day(nanos: int) -> str:
    at, rest = divmod(nanos, 10**9)
    return f"{time(at // 3600, at // 60 % 60, at % 60)}" + f".{rest:09}".rstrip("0").rstrip(".")


def each(judge: Callable[[Any], Any]) -> Callable[[list[Any]], Any]:
    def judged(values: list[Any]) -> Any:
        found = [None if value is None else judge(value) for value in values]
        return NO if NO in found else found

    return judged


def number_of(single: Any) -> Decimal:
    return Decimal(str(np.float32(single)))


DOUBLES = st.floats() | st.decimals(-(10**9), 10**9, places=2).map(float) | st.integers(-(2**70), 2**70).map(float)
SINGLES = st.floats(width=32, allow_subnormal=False) | st.integers(-1000, 1000).map(lambda n: float(np.float32(n / 10)))
INTS = st.integers(-(2**63), 2**63 - 1) | st.integers(-300, 300)
DECIMALS = st.decimals(-(10**20), 10**20, places=10) | st.integers(-(10**12), 10**12).map(Decimal)
NANOS = st.integers(-9_000_000_000_000_000_000, 9_000_000_000_000_000_000)
NANOS = NANOS | NANOS.map(lambda nanos: nanos // 1000 * 1000)
LOCAL = st.datetimes(datetime(1920, 1, 1), datetime(2100, 1, 1)) | st.datetimes(
    datetime(2024, 10, 27), datetime(2024, 10, 27, 4)
)
LONG_AGO = st.dates(date(1, 1, 2), date(9999, 12, 30))

# What a column holds, how a contract declares it, and what each of its values is then.
COLUMNS: list[tuple[Any, pa.DataType, dict[str, Any], Callable[[Any], Any]]] = [
    (DOUBLES, pa.float64(), {"type": "decimal(20,4)"}, lambda x: fixed(Decimal(repr(x)), 20, 4)),
    (DOUBLES, pa.float64(), {"type": "decimal(30,2)", "round": "half_up"}, lambda x: fixed(Decimal(repr(x)), 30, 2, rounds=True)),
    (DOUBLES, pa.float64(), {"type": "bigint", "allow_point_zero": True}, lambda x: whole(x, 64)),
    (DOUBLES, pa.float64(), {"type": "double"}, lambda x: x if math.isfinite(x) else NO),
    (SINGLES, pa.float32(), {"type": "decimal(12,3)"}, lambda x: fixed(number_of(x), 12, 3)),
    (SINGLES, pa.float32(), {"type": "smallint", "allow_point_zero": True}, lambda x: whole(x, 16)),
    (DECIMALS, pa.decimal128(38, 10), {"type": "decimal(12,2)"}, lambda x: fixed(x, 12, 2)),
    (DECIMALS, pa.decimal128(38, 10), {"type": "decimal(12,2)", "round": "half_up"}, lambda x: fixed(x, 12, 2, rounds=True)),
    (DECIMALS, pa.decimal128(38, 10), {"type": "int"}, lambda x: whole(x, 32)),
    (DECIMALS, pa.decimal256(60, 10), {"type": "decimal(12,2)"}, lambda x: fixed(x, 12, 2)),
    (INTS, pa.int64(), {"type": "tinyint"}, lambda x: whole(Decimal(x), 8)),
    (INTS, pa.int64(), {"type": "decimal(12,2)"}, lambda x: fixed(Decimal(x), 12, 2)),
    (st.integers(0, 2**64 - 1), pa.uint64(), {"type": "bigint"}, lambda x: whole(Decimal(x), 64)),
    (st.integers(0, 2**16 - 1), pa.uint16(), {"type": "smallint"}, lambda x: whole(x, 16)),
    (NANOS, pa.timestamp("ns"), {"type": "timestamp_ntz"}, micros),
    (NANOS, pa.timestamp("ns", "UTC"), {"type": "timestamp"}, micros),
    (LOCAL, pa.timestamp("us"), {"type": "timestamp", "timezone": "Europe/Rome"}, in_rome),
    (LONG_AGO, pa.date32(), {"type": "date"}, lambda x: x),
    (LONG_AGO.map(lambda day: datetime(*day.timetuple()[:3])), pa.timestamp("ms", "UTC"), {"type": "timestamp"}, lambda x: x),
    (st.integers(0, 86_400 * 10**9 - 1), pa.time64("ns"), {"type": "string"}, of_day),
    (st.lists(st.none() | DECIMALS, max_size=3), pa.list_(pa.decimal128(38, 10)), {"type": "array<decimal(12,2)>"},
     each(lambda x: fixed(x, 12, 2))),
    (st.lists(st.none() | NANOS, max_size=3), pa.list_(pa.timestamp("ns")), {"type": "array<timestamp_ntz>"}, each(micros)),
]  # fmt: skip
TEXTS = st.binary(max_size=6) | st.text(max_size=4).map(lambda text: text.encode("utf-8", "replace"))


def tables() -> st.SearchStrategy[tuple[list[list[Any]], list[bytes]]]:
    columns = [st.lists(st.none() | values, min_size=ROWS, max_size=ROWS) for values, _, _, _ in COLUMNS]
    return st.tuples(st.tuples(*columns).map(list), st.lists(TEXTS, min_size=ROWS, max_size=ROWS))


def is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def arrow(values: list[Any], kind: pa.DataType) -> pa.Array:
    """The values as Arrow keeps them; nanoseconds by their number."""
    of = kind.value_type if pa.types.is_list(kind) else kind
    if str(of).startswith(("timestamp[ns", "time64[ns")):
        return pa.array(values, pa.list_(pa.int64()) if of is not kind else pa.int64()).cast(kind)
    return pa.array(values, kind)


def check(staging: Any, contract: Any, columns: list[list[Any]], raw: list[bytes]) -> None:
    arrays = {f"c{i}": arrow(values, COLUMNS[i][1]) for i, values in enumerate(columns)}
    table = pa.table({"at": pa.array(range(ROWS)), **arrays, "raw": pa.array(raw, pa.binary())})
    for half, name in ((table.slice(0, ROWS // 2), "1"), (table.slice(ROWS // 2), "2")):
        pq.write_table(half, staging.put(f"things/{name}.parquet", b""))
    specs = [{"name": f"c{i}", **spec} for i, (_, _, spec, _) in enumerate(COLUMNS)]
    made = contract({"name": "at", "type": "int"}, *specs, "raw", format="parquet")
    frame = typed(staging.frame(made), made)
    held = [_held(frame, f"c{i}") for i in range(len(COLUMNS))]
    rows = frame.select("at", *held, "raw", FAULTS, *(FAULT + f"c{i}" for i in range(len(COLUMNS)))).collect()
    for row in rows:
        at = row["at"]
        for i, (_, kind, spec, judge) in enumerate(COLUMNS):
            value = columns[i][at]
            expected = None if value is None else judge(value)
            actual = NO if row[FAULT + f"c{i}"] else row[f"c{i}"]
            assert actual == expected, (kind, spec, value)
        assert row[FAULTS] == ([] if is_text(raw[at]) else ["raw: bytes that are not utf-8"]), raw[at]
        assert not is_text(raw[at]) or (row["raw"] or "").encode() == raw[at]


def _held(frame: Any, name: str) -> Any:
    instant = frame.schema[name].dataType.simpleString() == "timestamp"
    return F.col(name).cast("timestamp_ntz").alias(name) if instant else F.col(name)


UNHURRIED = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=4, **UNHURRIED)  # type: ignore[arg-type]
@given(table=tables())
def test_random_tables_are_judged_as_plain_python_judges_them(staging, contract, table):
    check(staging, contract, *table)


@pytest.mark.deep
@settings(max_examples=at_depth(150, 8), **UNHURRIED)  # type: ignore[arg-type]
@given(table=tables())
def test_many_random_tables_are_judged_as_plain_python_judges_them(staging, contract, table):
    check(staging, contract, *table)
