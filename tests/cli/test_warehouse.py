"""`headgate warehouse` as it is typed, with the Data API answered by this test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from headgate.cli.app import app
from headgate.errors import RunFailed, UnusableArgument

CONTRACT = """\
dataset: things
domain: d
owner: o
description: One row per thing.
columns: [{name: id, type: int}]
key: [id]
serving: {warehouse: true}
"""
EXPORT = {
    "format": 1, "dataset": "things", "run": "R1", "sequence": 1, "previous": None, "whole": True,
    "columns": ["id", "_run"],
    "rows": "s3://b/m", "row_count": 2, "removed": None, "removed_count": 0, "ledger": "l", "version": "1",
    "figures": {"rows": "2", "id.values": "2", "id.sum": "3", "id.least": "1", "id.greatest": "2", "_run.values": "2",
                "_run.bytes": "4", "distinct keys": "2"},
}  # fmt: skip
FIGURES = ["2", "2", "3", "1", "2", "2", "4", "2"]


class Answers:
    """A client that notes statements, and answers queries by how they begin."""

    def __init__(self, rows: dict[str, list[list[str | None]]], error: str = "") -> None:
        self.sent, self._rows, self._error = list[str](), rows, error

    def execute_statement(self, Sql: str, **_: Any) -> dict[str, str]:
        self.sent.append(Sql)
        return {"Id": Sql}

    def batch_execute_statement(self, Sqls: list[str], **_: Any) -> dict[str, str]:
        self.sent += Sqls
        return {"Id": "batch"}

    def describe_statement(self, Id: str) -> dict[str, str]:
        failed = self._error and Id == "batch"
        return {"Status": "FAILED", "Error": self._error} if failed else {"Status": "FINISHED"}

    def get_statement_result(self, Id: str, **_: Any) -> dict[str, Any]:
        rows = next(rows for beginning, rows in self._rows.items() if beginning in Id)
        return {"Records": [[{"isNull": True} if v is None else {"stringValue": v} for v in row] for row in rows]}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts/things.yaml").write_text(CONTRACT)
    for name in ("newest/things", "redshift/things/R1"):
        file = tmp_path / "lake/exports" / name / "export.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(EXPORT))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(monkeypatch: pytest.MonkeyPatch, client: Answers | None, *words: str) -> tuple[int, str, Exception | None]:
    monkeypatch.setattr("headgate.cli.warehouse.clients", lambda *services, region: [client])
    result = CliRunner().invoke(app, ["warehouse", *words])
    return result.exit_code, result.stdout, result.exception if isinstance(result.exception, Exception) else None


def test_ddl_without_a_warehouse_is_a_script(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = typed(monkeypatch, None, "ddl", "--live", "data_warehouse_db")
    assert code == 0
    assert 'CREATE TABLE IF NOT EXISTS "lake"."things" (' in out
    assert "CREATE EXTERNAL SCHEMA IF NOT EXISTS \"lake_live\"\nFROM DATA CATALOG DATABASE 'data_warehouse_db'" in out
    assert all(part.strip().endswith(";") for part in out.split("\n\n") if part.strip())


def test_ddl_names_what_a_person_must_do_and_does_not_run_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [["id", "integer", None, "32", "0"], ["old", "date", None, None, None],
               ["_run", "character varying", "128", None, None]]  # fmt: skip
    client = Answers({"pg_group": [["lake_readers"], ["lake_loaders"]], "information_schema": columns})
    code, out, _ = typed(monkeypatch, client, "ddl", "--workgroup", "w", "--apply")
    assert code == 1
    assert "-- By hand, things: `old` is not in the contract any more" in out
    assert 'ALTER TABLE "lake"."things" DROP COLUMN "old";' in out
    assert not any("DROP" in sql or "CREATE GROUP" in sql for sql in client.sent)


def test_members_are_printed_and_with_a_workgroup_only_what_is_lacking(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("members", "--owner", "arn:aws:iam::1:role/own", "--loader", "load", "--reader", "ana", "--reader", "bob")
    code, out, _ = typed(monkeypatch, None, *words)
    assert code == 0
    assert 'CREATE USER "IAMR:own" PASSWORD DISABLE;\n' in out
    assert out.endswith('ALTER GROUP "lake_readers" ADD USER "IAMR:bob";\n')
    there = {"JOIN": [["lake_readers", "IAMR:ana"]], "pg_group": [["lake_readers"], ["lake_loaders"]],
             "pg_user": [["IAMR:ana"]]}  # fmt: skip
    client = Answers(there)
    assert typed(monkeypatch, client, *words[:1], *words[5:], "--workgroup", "w", "--apply")[:2] == (
        0,
        "2 statements were run.\n",
    )
    assert client.sent[-2:] == [
        'CREATE USER "IAMR:bob" PASSWORD DISABLE', 'ALTER GROUP "lake_readers" ADD USER "IAMR:bob"',
    ]  # fmt: skip


def test_members_without_a_role_are_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, error = typed(monkeypatch, None, "members")
    assert isinstance(error, UnusableArgument)
    assert "no role is named" in str(error)


def test_load_sends_one_batch_and_a_refusal_names_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([None, "1"])

    class Once(Answers):
        def get_statement_result(self, Id: str, **_: Any) -> dict[str, Any]:
            value = next(answers)
            return {"Records": [[{"isNull": True} if value is None else {"longValue": int(value)}]]}

    code, out, _ = typed(monkeypatch, Once({}), "load", "--workgroup", "w")
    assert (code, out) == (0, "things: 1 exports, 2 rows, 0 keys removed\n")
    refusing = Answers({"MAX": [[None]]}, error="ERROR: no such file")
    code, _, error = typed(monkeypatch, refusing, "load", "--cluster", "c")
    assert "the warehouse refused: ERROR: no such file" in str(error)


@pytest.mark.parametrize(
    ("row", "code", "line"),
    [
        (["1", *FIGURES], 0, "things: 8 figures are equal (run R1)"),
        (["1", "3", *FIGURES[1:]], 1, "  rows: lake 2, warehouse 3"),
        ([None, *FIGURES], 1, "things: nothing is loaded, the newest is 1 (run R1). `headgate warehouse load things`"),
    ],
)
def test_verify_prints_what_differs(
    project: Path, monkeypatch: pytest.MonkeyPatch, row: list[str | None], code: int, line: str
) -> None:
    found, out, _ = typed(monkeypatch, Answers({"SELECT": [row]}), "verify", "--workgroup", "w")
    assert found == code
    assert line in out


def test_the_diagram_is_printed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = typed(monkeypatch, None, "diagram")
    assert (code, out.splitlines()[:3]) == (0, ["erDiagram", "    things {", "        INTEGER id PK"])


def test_a_lake_that_was_made_anew_is_not_loaded_over_a_newer_export(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, error = typed(monkeypatch, Answers({"MAX": [["5"]]}), "load", "--workgroup", "w")
    assert "export 5 is loaded, and the lake's newest is 1" in str(error)


def test_no_warehouse_or_two_is_an_unusable_argument(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in (("load",), ("verify", "--workgroup", "w", "--cluster", "c")):
        _, _, error = typed(monkeypatch, Answers({}), *words)
        assert "no warehouse is named, or two are" in str(error)
    _, _, error = typed(monkeypatch, Answers({}), "load", "nothing", "--workgroup", "w")
    assert "`nothing` has no table in the warehouse" in str(error)


@pytest.mark.parametrize(
    ("variables", "what"),
    [
        ({}, "no AWS region is set"),
        ({"AWS_REGION": "eu-west-1"}, "AWS cannot be reached: Could not connect"),
    ],
)
def test_what_keeps_aws_from_answering_is_a_message(
    project: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], what: str
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    settings = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_MAX_ATTEMPTS": "1", **variables}
    for name, value in {**settings, "AWS_ENDPOINT_URL_REDSHIFT_DATA": "http://127.0.0.1:9"}.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(app, ["warehouse", "load", "--workgroup", "work"])
    assert isinstance(result.exception, RunFailed | UnusableArgument) and what in str(result.exception)


def test_without_a_contract_that_asks_for_a_table_it_is_said(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = project / "contracts/things.yaml"
    file.write_text(CONTRACT.replace("serving: {warehouse: true}\n", ""))
    *_, error = typed(monkeypatch, None, "ddl")
    assert isinstance(error, UnusableArgument) and "no contract has a table in the warehouse" in str(error)
