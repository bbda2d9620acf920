"""A mistake ends with what is wrong, where, and what to do next; never with a stack trace or an empty default."""

from __future__ import annotations

import pytest
from commands import headgate, is_for_a_person, run_words

from bench import ORDERS, Bench, csv
from headgate.errors import HeadgateError

MART = "source: {query: marts/m.sql}\ncolumns:\n  - {name: total, type: bigint}\n"


def _told(bench: Bench, *names: str) -> tuple[int, str]:
    """Exit code and message of a run, whether it was refused at once or while it ran."""
    try:
        result = bench.run(*names)
    except HeadgateError as error:
        return error.exit_code, str(error)
    return result.exit_code, "\n".join(
        f"{one.error['where']}: {one.error['what']} {one.error['remedy']}"
        for one in result.outcomes.values()
        if one.error
    )


def _orders(bench: Bench, body: str = ORDERS, *rows: str) -> None:
    bench.contract("orders", body)
    bench.put("orders/a.csv", csv(*(rows or ("a,1.00",))))


def _misspelt_key(bench: Bench) -> None:
    _orders(bench, ORDERS.replace("at_most", "at_mots"))


def _no_source(bench: Bench) -> None:
    bench.contract("orders")
    (bench.root / "staging").rmdir()


def _empty_source(bench: Bench) -> None:
    bench.contract("orders")


def _nothing_left(bench: Bench) -> None:
    _orders(bench, ORDERS.replace("at_most: 0.5", "at_most: 1.0"), "a,x", "b,y")


def _unknown_function(bench: Bench) -> None:
    derived = '  - {name: odd, type: string, derived: "no_such_function(order_id)"}\nkey:'
    _orders(bench, ORDERS.replace("key:", derived))


def _sql_that_is_none(bench: Bench) -> None:
    _orders(bench)
    bench.contract("m", MART)
    bench.sql("marts/m.sql", "SELEC count(*) AS total FROM orders")


def _sql_of_an_unknown_table(bench: Bench) -> None:
    _orders(bench)
    bench.contract("m", MART)
    bench.sql("marts/m.sql", "SELECT count(*) AS total FROM orderz")


def _sql_of_an_unknown_column(bench: Bench) -> None:
    _orders(bench)
    bench.contract("m", MART)
    bench.sql("marts/m.sql", "SELECT count(prise) AS total FROM orders")


def _no_contracts(bench: Bench) -> None:
    (bench.root / "contracts").mkdir()


MISTAKES = {
    _misspelt_key: (2, "contracts/orders.yaml: at_mots: is not a key of a contract", "Did you mean `at_most`?"),
    _no_source: (2, "staging: there is no such folder", "--source"),
    _empty_source: (1, "contracts/orders.yaml: no file matches `orders/`", "Put files below `orders/`"),
    _nothing_left: (1, "no row is left to publish", "headgate quarantine orders"),
    _unknown_function: (2, "`no_such_function` is not a function of Spark", "Use a built-in function"),
    _sql_that_is_none: (2, "contracts/m.yaml: source.query: sql/marts/m.sql", "Fix the SQL"),
    _sql_of_an_unknown_table: (2, "reads `orderz`, which no contract describes", "Known are m, orders"),
    _sql_of_an_unknown_column: (2, "prise", "Correct the expression or the query"),
    _no_contracts: (2, "contracts: contains no contract", "Add a contract"),
}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__.strip("_"))
def test_a_mistake_is_told_with_its_place_and_the_way_out(bench: Bench, mistake: object) -> None:
    code, what, remedy = MISTAKES[mistake]  # type: ignore[index]
    mistake(bench)  # type: ignore[operator]
    found, told = _told(bench)
    assert (found, what in told, remedy in told) == (code, True, True), told
    assert not [file for file in bench.files() if file.startswith("data-warehouse/data_warehouse_db/tbl_m")]


def test_an_unknown_dataset_names_the_one_that_may_be_meant(bench: Bench) -> None:
    _orders(bench)
    assert _told(bench, "order") == (2, "there is no dataset `order`\nDid you mean `orders`?")


def test_the_command_line_tells_mistakes_without_a_stack_trace(bench: Bench) -> None:
    _unknown_function(bench)
    ended = headgate(*run_words(bench))
    assert (ended.returncode, is_for_a_person(ended)) == (2, True), ended.stderr
    assert "no_such_function" in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "--sauce", "x"], "No such option: --sauce"),
        (["query", "SELECT 1", "--lake", "nowhere"], "there is no lake here"),
        (["quarantine", "orders", "--lake", "nowhere"], "no refused row of `orders`"),
        (["check", "--contracts", "nowhere"], "there is no such folder"),
        (["rum"], "rum"),
    ],
)
def test_wrong_words_end_with_2_and_a_message(words: list[str], told: str) -> None:
    ended = headgate(*words)
    assert (ended.returncode, is_for_a_person(ended)) == (2, True), ended.stderr
    assert told in ended.stderr
