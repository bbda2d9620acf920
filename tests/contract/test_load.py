"""Loading: all faults of all contracts at once; what is not understood never becomes a default."""

from __future__ import annotations

from pathlib import Path

import pytest

from headgate.contract.load import contract_files, load_contracts, read_contract, read_yaml, sql_root
from headgate.contract.model import Contract
from headgate.errors import UnusableArgument, UnusableContract
from headgate.lake.paths import Lake
from headgate.lake.storage import LocalStorage
from headgate.project import load_project

HEAD = "dataset: {name}\ndomain: test\nowner: test@example.org\ndescription: One row per thing.\n"
COLUMNS = "columns: [{name: id, type: string}]\n"


def put(folder: Path, path: str, text: str) -> Path:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def good(folder: Path, name: str, more: str = COLUMNS) -> Path:
    return put(folder, f"contracts/{name}.yaml", HEAD.format(name=name.rsplit("/", 1)[-1]) + more)


def refused(folder: Path) -> list[str]:
    with pytest.raises(UnusableContract) as caught:
        load_contracts(folder / "contracts")
    return [f"{fault.file}: {fault.key}" for fault in caught.value.faults]


def project_faults(folder: Path) -> list[str]:
    with pytest.raises(UnusableContract) as caught:
        load_project(folder / "contracts", Lake(LocalStorage(folder / "lake")))
    return [str(fault) for fault in caught.value.faults]


def test_contracts_come_by_name_from_folders_of_any_depth(tmp_path: Path) -> None:
    for name in ("shop/orders", "music/live/concerts", "artists"):
        good(tmp_path, name)
    assert list(load_contracts(tmp_path / "contracts")) == ["artists", "concerts", "orders"]


def test_all_faults_of_all_contracts_are_reported_at_once(tmp_path: Path) -> None:
    good(tmp_path, "a", "columns: [{name: id, type: money}, {name: ID, type: string}]\nat_most: 2\n")
    good(tmp_path, "b", COLUMNS + "key: [x]\norder: [{column: day}]\nreplay: true\n")
    good(tmp_path, "c", COLUMNS + "owner: me\n")
    good(tmp_path, "d")
    assert refused(tmp_path) == [
        "contracts/a.yaml: columns[1].name",
        "contracts/a.yaml: at_most",
        "contracts/b.yaml: replay",
        "contracts/b.yaml: key[0]",
        "contracts/b.yaml: order[0].column",
        "contracts/c.yaml: line 6",
    ]


def test_the_error_has_a_line_for_each_fault_and_its_remedy(tmp_path: Path) -> None:
    good(tmp_path, "a", COLUMNS + "key: [x]\nallow_emtpy: true\n")
    good(tmp_path, "b", COLUMNS + "key: [x]\n")
    with pytest.raises(UnusableContract) as caught:
        load_contracts(tmp_path / "contracts")
    assert str(caught.value) == (
        "contracts/a.yaml: allow_emtpy: is not a key of a contract\n  Did you mean `allow_empty`?\n"
        "contracts/b.yaml: key[0]: `x` is not a column\n  Columns are id."
    )
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "key", "meant"),
    [
        ("source: {delimeter: x, formt: csv}\n" + COLUMNS, "source.formt", "format"),
        ("source: {read: {delimeter: ';'}}\n" + COLUMNS, "source.read.delimeter", "delimiter"),
        ("columns: [{name: id, type: string, requird: true}]\n", "columns[0].requird", "required"),
        (COLUMNS + "checks: [{expct: x}]\n", "checks[0].expct", "expect"),
        (COLUMNS + "schedule: {crwaler: none}\n", "schedule.crwaler", "crawler"),
    ],
)
def test_an_unknown_key_is_reported_with_the_known_one(tmp_path: Path, text: str, key: str, meant: str) -> None:
    _, faults = read_contract(good(tmp_path, "a", text))
    assert (key, f"Did you mean `{meant}`?") in [(fault.key, fault.remedy) for fault in faults]


def test_a_dataset_has_one_contract(tmp_path: Path) -> None:
    good(tmp_path, "shop/orders")
    good(tmp_path, "web/orders")
    with pytest.raises(UnusableContract, match=r"contracts/web/orders.yaml: dataset: `orders` is also the dataset of"):
        load_contracts(tmp_path / "contracts")


def test_files_whose_names_begin_with_an_underscore_or_a_dot_are_ignored(tmp_path: Path) -> None:
    good(tmp_path, "orders")
    put(tmp_path, "contracts/_draft.yaml", "no: [")
    put(tmp_path, "contracts/.hidden.yml", "no: [")
    assert [file.name for file in contract_files(tmp_path / "contracts")] == ["orders.yaml"]


def test_a_folder_that_is_missing_or_contains_no_contract_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableArgument, match="there is no such folder"):
        load_contracts(tmp_path / "contracts")
    (tmp_path / "contracts").mkdir()
    with pytest.raises(UnusableArgument, match=r"contains no contract \(\*.yaml\)"):
        load_contracts(tmp_path / "contracts")


def test_a_file_that_is_not_text_is_a_fault(tmp_path: Path) -> None:
    file = good(tmp_path, "a")
    file.write_bytes(b"dataset: \xff\xfe\n")
    assert refused(tmp_path) == ["contracts/a.yaml: "]


def test_an_empty_file_is_a_fault(tmp_path: Path) -> None:
    put(tmp_path, "contracts/a.yaml", "# nothing yet\n")
    with pytest.raises(UnusableContract, match="is not a mapping"):
        load_contracts(tmp_path / "contracts")


def test_a_key_that_occurs_twice_is_reported_with_its_line_at_any_depth(tmp_path: Path) -> None:
    text = HEAD.format(name="a") + "columns:\n  - {name: id, type: string, name: other}\n"
    with pytest.raises(UnusableContract, match=r"a.yaml: line 6: the key `name` occurs twice"):
        read_yaml(put(tmp_path, "a.yaml", text))


def test_faults_of_yaml_and_of_the_model_are_reported_together_and_once(tmp_path: Path) -> None:
    text = (
        HEAD.format(name="a")
        + "columns:\n  - {name: id, type: string, name: other, required: yes}\nat_most: 2\nkeys: [id]\n"
    )
    _, faults = read_contract(put(tmp_path, "a.yaml", text))
    assert [(fault.key, fault.problem.partition(" (")[0]) for fault in faults] == [
        ("line 6", "the key `name` occurs twice"),
        ("line 6", "`yes` has two readings in YAML"),
        ("at_most", "must be at most 1"),
        ("keys", "is not a key of a contract"),
    ]


def test_the_key_on_is_a_text(tmp_path: Path) -> None:
    assert read_yaml(put(tmp_path, "a.yaml", "joins: [{to: x, on: [id]}]\n")) == {"joins": [{"to": "x", "on": ["id"]}]}


def test_defaults_and_spelling_do_not_change_what_a_contract_means(tmp_path: Path) -> None:
    plain, _ = read_contract(good(tmp_path, "a"))
    spelled, _ = read_contract(
        put(
            tmp_path,
            "b/a.yaml",
            "# the same\n" + HEAD.format(name="a") + COLUMNS + "at_most: 0.05\nwrite: {format: iceberg}\n",
        )
    )
    other, _ = read_contract(put(tmp_path, "c/a.yaml", HEAD.format(name="a") + COLUMNS + "at_most: 0.06\n"))
    assert plain and spelled and other
    assert plain.hash == spelled.hash != other.hash


HASHED = """\
dataset: orders
domain: shop
owner: shop-data@example.org
description: One row per order line.
source: {path: "orders/*.json", format: json, null_texts: ["", "n/a"], records: data.orders, ignore: [export_id]}
columns:
  - {name: order_id, source: id, type: string, required: true, pattern: "^[A-Z]", min_length: 2, max_length: 9}
  - {name: line, type: int, minimum: 1, maximum: 99, enum: [1, 2, 3], otherwise: warn}
  - {name: ordered_on, aliases: [date], type: date, formats: [yyyy-MM-dd], sentinels: ["9999-12-31"]}
  - {name: email, type: string, classification: email, mask: partial, keep_last: 3, unique: true}
  - {name: price, type: "decimal(10,2)", round: half_up, at_most: 0.1}
  - {name: tags, type: "array<string>"}
key: [order_id, line]
order: [{column: ordered_on, direction: asc}]
checks: [{expect: expect_table_row_count_to_be_between, kwargs: {min_value: 1}, scope: table, otherwise: warn}]
at_most: 0.02
write: {mode: merge, on_vanish: delete}
partition_by: [months(ordered_on)]
schedule: {refine: daily 04:30 UTC, freshness_hours: 26}
serving: {time: ordered_on, measures: [price]}
"""


def test_the_hash_of_a_contract_is_the_one_that_ledgers_have_recorded(tmp_path: Path) -> None:
    """With another value here, every object of every lake looks as if it had been read under an older contract."""
    contract, _ = read_contract(put(tmp_path, "orders.yaml", HASHED))
    assert contract is not None
    assert contract.hash == "55111f7ee3a628c5bc48243318c87b785d70f5d43363364c875e7ad6b66f175e"


def test_a_key_that_came_later_changes_the_hash_only_where_a_contract_uses_it(tmp_path: Path) -> None:
    class Later(Contract):
        later: int = 0

    contract, _ = read_contract(put(tmp_path, "orders.yaml", HASHED))
    assert contract is not None
    keys = {name: getattr(contract, name) for name in type(contract).model_fields}
    assert Later(**keys).hash == contract.hash != Later(**keys, later=1).hash


def test_a_contract_cannot_be_changed(tmp_path: Path) -> None:
    contract, _ = read_contract(good(tmp_path, "a"))
    with pytest.raises(ValueError, match="frozen"):
        contract.at_most = 1.0  # type: ignore[union-attr,misc]


def test_a_key_column_is_always_required(tmp_path: Path) -> None:
    contract, _ = read_contract(good(tmp_path, "a", COLUMNS + "key: [id]\n"))
    assert contract is not None
    assert [(check.id, check.otherwise) for check in contract.all_checks] == [("id.not_null", "quarantine")]


def test_the_default_mode_is_merge_with_a_key_append_without_and_overwrite_for_a_mart(tmp_path: Path) -> None:
    put(tmp_path, "sql/marts/m.sql", "SELECT 1")
    keyed, _ = read_contract(good(tmp_path, "keyed", COLUMNS + "key: [id]\n"))
    bare, _ = read_contract(good(tmp_path, "bare"))
    mart, _ = read_contract(good(tmp_path, "m", COLUMNS + "source: {query: marts/m.sql}\n"))
    assert keyed and bare and mart
    assert [keyed.mode, bare.mode, mart.mode] == ["merge", "append", "overwrite"]


def test_sql_is_found_beside_the_contracts_or_beside_a_folder_above(tmp_path: Path) -> None:
    good(tmp_path, "shop/orders")
    (tmp_path / "sql").mkdir()
    assert sql_root(tmp_path / "contracts") == sql_root(tmp_path / "contracts" / "shop") == tmp_path / "sql"


def test_a_check_of_a_mart_that_lacks_an_argument_is_a_fault(tmp_path: Path) -> None:
    put(tmp_path, "sql/marts/m.sql", "SELECT 1")
    check = "checks: [{expect: expect_column_values_to_be_in_set, kwargs: {column: id}}]\n"
    _, faults = read_contract(good(tmp_path, "m", COLUMNS + "source: {query: marts/m.sql}\n" + check))
    assert [fault.problem for fault in faults] == ["`expect_column_values_to_be_in_set` lacks `value_set`"]


def test_a_mart_over_a_table_that_no_contract_describes_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "sql/marts/m.sql", "SELECT id FROM ordrs")
    good(tmp_path, "orders")
    good(tmp_path, "m", COLUMNS + "source: {query: marts/m.sql}\n")
    [fault] = project_faults(tmp_path)
    assert "contracts/m.yaml: source.query: sql/marts/m.sql reads `ordrs`, which no contract describes" in fault


def test_a_mart_whose_sql_cannot_be_read_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "sql/marts/m.sql", "SELECT id FROM orders; SELECT 2")
    good(tmp_path, "orders")
    good(tmp_path, "m", COLUMNS + "source: {query: marts/m.sql}\n")
    [fault] = project_faults(tmp_path)
    assert "sql/marts/m.sql: a mart is one SELECT" in fault


def test_marts_that_read_each_other_are_refused(tmp_path: Path) -> None:
    for one, other in (("egg", "hen"), ("hen", "egg")):
        put(tmp_path, f"sql/marts/{one}.sql", f"SELECT id FROM {other}")
        good(tmp_path, one, COLUMNS + f"source: {{query: marts/{one}.sql}}\n")
    [fault] = project_faults(tmp_path)
    assert "these marts read each other: egg → hen" in fault


def test_a_declared_join_that_the_query_does_not_make_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "sql/marts/m.sql", "SELECT id FROM orders")
    good(tmp_path, "orders")
    good(tmp_path, "people")
    joins = "joins: [{to: people, on: [id], cardinality: many_to_one}]"
    good(tmp_path, "m", COLUMNS + f"source: {{query: marts/m.sql, {joins}}}\n")
    [fault] = project_faults(tmp_path)
    assert "source.joins[0].to: sql/marts/m.sql does not join `people` to its first table" in fault


def test_a_dataset_whose_name_begins_like_a_table_is_refused(tmp_path: Path) -> None:
    good(tmp_path, "tbl_orders")
    [fault] = project_faults(tmp_path)
    assert "`tbl_orders` begins as table names do" in fault
