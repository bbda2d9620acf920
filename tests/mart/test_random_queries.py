"""Random queries, of which the test knows what they read and ask because it wrote them; and Spark as second witness."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession

from depth import at_depth
from headgate.contract.expressions import expression_problems
from headgate.lake.address import lake_at
from headgate.mart.repeatable import asks_clock, query_problems
from headgate.mart.sql import named_tables, over_views

LAKE = lake_at("lake")
CLOCK_CLASSES = {"CurrentDate", "CurDateExpressionBuilder", "CurrentTimestamp", "LocalTimestamp", "Now"}
CHANCE_CLASSES = {"Rand", "Randn", "Uuid", "MonotonicallyIncreasingID"}
COLUMNS = ("id", "day", "at", "name", "now", "rand")
DATASETS = ("a", "b", "c")
SPELT = ("{}", "`{}`", "tbl_{}", "data_warehouse_db.tbl_{}", "`data_warehouse_db`.`tbl_{}`", "data_warehouse_db.{}")
CLOCK = (
    "day < current_date", "day < Current_Date()", "at > NOW ( )", "at > current_timestamp - INTERVAL '1' DAY",
    "`current_date` > day", "at > `now`()", "at < localtimestamp()", "id < unix_timestamp()", "day = CURDATE()",
    "day < date 'today'",
    "at < timestamp_ltz\"now\"", "day < cast('Yesterday' AS date)", "day < try_cast(('today UTC') AS date)",
    "datediff(day, 'today') < 3", "nullif(day, 'tomorrow') > day", "day BETWEEN 'yesterday' AND 'tomorrow'",
    "'today' > day", "id < year('now')", "day > (SELECT max(current_date))",
)  # fmt: skip
CHANCE = (
    "id < `rand`()", "id < rand()", "id > Random ( 3 )", "name <> uuid()", "id < monotonically_increasing_id()",
    "id < `t`.id + randn()",
)  # fmt: skip
NOTHING = (
    "name <> 'now()'", 'name <> "current_date"', "name <> r'rand()'", "name <> r'current_timestamp'",
    "id > 0 --rand()\n",
    "id /* now() /* uuid() */ current_date */ > 1", "name <> 'it\\'s now()'", "`now` IS NULL", "t.`rand` > 0",
    "id < unix_timestamp(at)", "id > 1 AND name LIKE 'today'", "day < date '2026-01-01'",
    "name = CASE WHEN id > 1 THEN 'now' ELSE 'today' END", "size(filter(array(id), uuid -> uuid > 1)) = 1",
    "name <> 'FROM b' -- , c\n", "name <> '/* ' AND id > 2 AND name <> ' */'",
)  # fmt: skip


@dataclass
class Query:
    """SQL, the same SQL over views, and what it reads and asks."""

    pieces: list[str] = field(default_factory=list)
    views: list[str] = field(default_factory=list)
    reads: set[str] = field(default_factory=set)
    clock: bool = False
    chance: bool = False

    def say(self, text: str, over_views: str | None = None) -> None:
        self.pieces.append(text)
        self.views.append(text if over_views is None else over_views)

    @property
    def sql(self) -> str:
        return "".join(self.pieces)


@st.composite
def queries(draw: Any) -> Query:
    made = Query()
    _select(draw, made, frozenset(), 3)
    return made


def _select(draw: Any, made: Query, clauses: frozenset[str], depth: int) -> None:
    """One SELECT; `clauses` are the names of WITH clauses that it sees, which hide datasets."""
    if depth and draw(st.booleans()):
        names = draw(
            st.lists(st.sampled_from(["a", "b", "x", "y"]).filter(lambda n: n not in clauses), max_size=2, unique=True)
        )
        for at, name in enumerate(names):
            made.say(f"{', ' if at else 'WITH '}{draw(st.sampled_from(['{}', '`{}`'])).format(name)} AS (")
            _select(draw, made, clauses, depth - 1)
            made.say(") ")
            clauses |= {name}  # seen by the clauses behind it and by the query, and not by itself
    made.say(
        draw(st.sampled_from(["SELECT * FROM ", "SELECT /*+ BROADCAST(t) */ t.* FROM ", "SELECT t.*\nFROM -- b\n"]))
    )
    _source(draw, made, clauses, depth)
    made.say(" t WHERE ")
    _condition(draw, made, clauses, depth)


def _source(draw: Any, made: Query, clauses: frozenset[str], depth: int) -> None:
    if depth and draw(st.integers(0, 3)) == 0:
        made.say("(")
        _select(draw, made, clauses, depth - 1)
        made.say(")")
        return
    name = draw(st.sampled_from([*DATASETS, *sorted(clauses)]))
    spelt = "{}" if name not in DATASETS else draw(st.sampled_from(SPELT))
    text = spelt.format(name)
    if text.strip("`") in clauses:
        made.say(text)
    else:
        made.reads.add(name)
        made.say(text, f"`_src_{name}`")


def _condition(draw: Any, made: Query, clauses: frozenset[str], depth: int) -> None:
    kinds = ["nothing"] * 6 + ["clock", "chance"] + (["subquery", "and"] if depth else [])
    kind = draw(st.sampled_from(kinds))
    if kind == "subquery":
        made.say(draw(st.sampled_from(["EXISTS (", "id IN (SELECT id FROM ("])))
        opened = made.pieces[-1].count("(")
        _select(draw, made, clauses, depth - 1)
        made.say(")" * opened)
    elif kind == "and":
        for between in ("(", ") AND ("):
            made.say(between)
            _condition(draw, made, clauses, depth - 1)
        made.say(")")
    else:
        made.say(draw(st.sampled_from({"nothing": NOTHING, "clock": CLOCK, "chance": CHANCE}[kind])))
        made.clock |= kind == "clock"
        made.chance |= kind == "chance"


@given(queries())
@settings(max_examples=at_depth(400, 200), deadline=None)
def test_what_a_query_reads_and_asks_is_what_was_written_into_it(query: Query) -> None:
    assert set(named_tables(query.sql, LAKE)) == query.reads
    assert over_views(query.sql, LAKE, DATASETS) == "".join(query.views)
    assert asks_clock(query.sql) == query.clock
    problems = [problem for problem, _ in query_problems(query.sql)]
    assert bool(problems) == query.chance
    assert all("gives other rows each time it runs" in problem for problem in problems)


@pytest.fixture(scope="module")
def views(spark: SparkSession) -> SparkSession:
    """A session with the views, of which Spark itself says what a query over them reads and asks."""
    session = spark.newSession()
    row = "SELECT 1 AS id, date'2026-01-01' AS day, timestamp'2026-01-01' AS at, 'x' AS name, 1 AS `now`, 1 AS rand"
    for name in DATASETS:
        session.sql(row).createOrReplaceTempView(f"_src_{name}")
    return session


@pytest.mark.deep
def test_spark_reads_and_asks_nothing_else(views: SparkSession) -> None:
    """Spark leaves out WITH clauses that nothing reads, so it may read less than the query names."""
    understood: list[bool] = []

    @given(queries())
    @settings(max_examples=at_depth(300, 100), deadline=None)
    def agree(query: Query) -> None:
        try:
            frame: Any = views.sql(over_views(query.sql, LAKE, DATASETS))._jdf
        except AnalysisException as error:  # a clause inside a clause of its name, which Spark refuses
            assert error.getErrorClass() == "UNRESOLVED_COLUMN.WITH_SUGGESTION" or "AMBIGUOUS" in str(error), error
            return
        plan = frame.queryExecution().analyzed()
        shown, asked = plan.toString(), set(re.findall(r"expressions\.(\w+)", plan.toJSON()))
        understood.append(bool(asked & CLOCK_CLASSES))
        assert {name for name in DATASETS if f"_src_{name}" in shown} <= query.reads
        assert not asked & CLOCK_CLASSES or query.clock
        assert not asked & CHANCE_CLASSES or query.chance

    agree()
    assert any(understood)
    assert not all(understood)


TEXTS = (
    "day < {}", "{} >= at", "day IN ('2026-01-01', {})", "day BETWEEN {} AND day", "nullif(day, {})", "day <=> {}",
    "try_cast({} AS date)", "cast(({}) AS timestamp)", "datediff(day, {})", "date_add({}, 1)", "year({})", "hour({})",
    "date_trunc('year', {})", "extract(year FROM {})", "next_day({}, 'MO')", "to_date({})", "to_timestamp({})",
    "months_between(day, {})", "last_day({})", "date_format({}, 'yyyy')", "weekday({})", "date({})",
    "CASE day WHEN {} THEN 1 END", "trunc({}, 'year')", "to_utc_timestamp({}, 'Asia/Tokyo')",
    "name = {}", "{}", "concat(name, {})", "if(id = 1, {}, 'x')", "coalesce(day, {})", "length({})", "upper({})",
    "name LIKE {}", "CASE WHEN id = 1 THEN {} END", "name IN ({}, 'x')",
)  # fmt: skip


def test_a_text_that_spark_takes_for_the_time_of_the_run_asks_the_clock(views: SparkSession) -> None:
    """There another text gives another value, in the row of today at least; what shows the text itself does not."""
    texts = ("'today'", '"Now"', "' yesterday UTC'", "'TOMORROW '")
    rows = "_src_a UNION ALL SELECT 1, current_date, current_timestamp, 'x', 1, 1"
    for shape in TEXTS:
        asked = [shape.format(text) for text in (*texts, "'nothing'")]
        got = views.sql(f"SELECT {', '.join(asked)} FROM (SELECT * FROM {rows})").collect()
        values = [[_unlike(value, text) for value, text in zip(row, (*texts, "nothing"), strict=True)] for row in got]
        is_time = any(value != other for *given, other in values for value in given) and shape != "length({})"
        for expression in asked[:-1]:
            assert asks_clock(f"SELECT {expression} FROM a") or not is_time, expression
            problems = " ".join(problem for problem, _ in expression_problems(expression, COLUMNS, ["day", "at"]))
            assert ("depends on when the run is" in problems) == is_time, expression


def _unlike(value: object, text: str) -> str:
    """The value without the text itself."""
    return str(value).lower().replace(text.strip("'\"").lower(), "")
