"""Tables at 60, 80, 100 and 120 columns: every number is whole and on the right, texts are cut with `…`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import duckdb
import pytest

from headgate.cli.query import Answer, TableSeen
from headgate.cli.rows import print_answer, print_tables
from headgate.cli.show import print_result
from headgate.cli.table import Column, console, one_line, print_table
from headgate.outcome import Outcome
from headgate.run import Result

WIDTHS = (60, 80, 100, 120)
LONG = "a_dataset_with_a_name_of_forty_letters_x"
RUN = "20260102T030405Z-1a2b3c"

Print = Callable[[Callable[[], None]], list[str]]


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """A terminal of this many columns."""
    for name, value in {"COLUMNS": str(request.param), "TTY_COMPATIBLE": "1", "NO_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    return request.param


@pytest.fixture
def printed(width: int, capsys: pytest.CaptureFixture[str]) -> Print:
    """The lines that are printed, without styles."""

    def lines(print_it: Callable[[], None]) -> list[str]:
        print_it()
        return re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out).splitlines()

    return lines


def words(lines: list[str]) -> set[str]:
    return {word for line in lines for word in line.split()}


def outcomes() -> dict[str, Outcome]:
    counts = dict(
        zip(("read", "published", "superseded", "quarantined"), (9_876_543_210, 1_234_567_890, 7, 99), strict=True)
    )
    large = Outcome(LONG, "dataset", "published", **counts, rows_before=8_765_432_109, rows_after=9_999_999_999)
    large.deleted, large.skipped, large.conflicting, large.files_refused = 111_222_333, 444_555_666, 777_888_999, 12_345
    return {LONG: large, "visits": Outcome("visits", "dataset", "stopped", reason="Ctrl-C")}


def test_the_summary_of_a_run(printed: Print, width: int) -> None:
    result = Result(RUN, datetime.now(UTC), datetime.now(UTC), outcomes())
    lines = printed(lambda: print_result(result, None))
    table = lines[1 : lines.index("stopped: visits: Ctrl-C")]
    assert max(map(len, table)) <= width
    numbers = {
        "9,876,543,210",
        "1,234,567,890",
        "8,765,432,109",
        "9,999,999,999",
        "111,222,333",
        "444,555,666",
        "12,345",
    }
    assert numbers <= words(table)
    assert "■" in words(table) and "stopped" in words(table)
    headings = {
        "dataset",
        "read",
        "published",
        "superseded",
        "conflicting",
        "deleted",
        "skipped",
        "quarantined",
        "after",
    }
    assert headings <= words(table)


def answer(sql: str) -> Answer:
    connection = duckdb.connect()
    return Answer(connection, connection.sql(sql), sql, [])


NUMBERS = ", ".join(f"{10**9 + i}::BIGINT AS n{i}, '{'word ' * 30}' AS t{i}" for i in range(6))


def test_a_query_with_many_numbers_and_long_texts(printed: Print, width: int) -> None:
    sql = f"SELECT {NUMBERS}, 12345678.123456789::DECIMAL(30,9) AS d, -1.5e300 AS f, DATE '2026-01-02' AS day"
    lines = printed(lambda: print_answer(answer(sql), "table", None))
    assert max(map(len, lines)) <= width
    assert {*(str(10**9 + i) for i in range(6)), "12345678.123456789", "-1.5e+300", "2026-01-02"} <= words(lines)
    assert any("…" in line for line in lines)


def test_numbers_are_on_the_right_below_each_other(printed: Print) -> None:
    sql = "SELECT * FROM (VALUES ('a', 5, 1.50), ('bb', 12345, 20.25)) AS v(name, n, d)"
    assert printed(lambda: print_answer(answer(sql), "table", None))[:4] == [
        "name      n      d",
        "──────────────────",
        "a         5   1.50",
        "bb    12345  20.25",
    ]


def test_the_list_of_tables(printed: Print, width: int) -> None:
    lines = printed(lambda: print_tables([TableSeen(LONG, 12_345_678_901, 250, RUN)], "table"))
    assert max(map(len, lines[:-1])) <= width
    assert {"12,345,678,901", "250", "2026-01-02", "03:04"} <= words(lines)


def test_columns_that_do_not_fit_follow_below_with_the_first_one_again(printed: Print, width: int) -> None:
    columns = [Column("name", ["x"]), *(Column(f"column{i}", [str(10**20 + i)], number=True) for i in range(6))]
    lines = printed(lambda: print_table(console(), columns))
    blocks = [line for line in lines if line.startswith("name")]
    assert len(blocks) == {60: 3, 80: 2, 100: 2, 120: 2}[width]
    assert {str(10**20 + i) for i in range(6)} <= words(lines)


def test_a_number_wider_than_the_terminal_is_whole(printed: Print) -> None:
    assert str(10**150) in words(printed(lambda: print_table(console(), [Column("n", [str(10**150)], number=True)])))


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\nb\t\x1b[31m", "a\\nb\\t\\x1b[31m"), ("é 東京", "é 東京"), ("a\u202eb", "a\\u202eb")],
)
def test_a_text_is_one_line_and_gives_the_terminal_no_orders(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_wide_letters_take_their_place(printed: Print) -> None:
    columns = [Column("city", ["東京", "Rome"]), Column("n", ["1", "22"], number=True)]
    assert printed(lambda: print_table(console(), columns))[2:4] == ["東京   1", "Rome  22"]


def test_markup_in_a_name_is_text(printed: Print) -> None:
    columns = [Column("[bold]name[/]", ["[red]x[/]"])]
    assert printed(lambda: print_table(console(), columns))[0::2][:2] == ["[bold]name[/]", "[red]x[/]"]
