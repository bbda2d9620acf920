"""The statements for Redshift, letter by letter, and that sqlglot's grammar of Redshift takes them."""

from __future__ import annotations

import logging

import pytest
import sqlglot
import yaml
from sqlglot import exp

from headgate.contract.model import Contract
from headgate.warehouse.columns import warehouse_columns
from headgate.warehouse.ddl import create_table, live_schema, schema_statements, table_statements
from headgate.warehouse.diagram import diagram
from headgate.warehouse.document import document
from headgate.warehouse.exported import Exported
from headgate.warehouse.load import load_statements
from headgate.warehouse.members import Known, Members, member_statements
from headgate.warehouse.migration import migration
from headgate.warehouse.names import Warehouse
from headgate.warehouse.refusals import refused_by_redshift
from headgate.warehouse.verification import verification_query, verified

HEAD = "domain: d\nowner: o\ndescription: One row per thing, the owner's.\nserving: {warehouse: true}\n"
LAKE = Warehouse()

ARTISTS = """\
dataset: artists
columns: [{name: artist_id, type: string, required: true, max_length: 22, description: "Spotify's id"}]
key: [artist_id]
"""

ALBUMS = """\
dataset: albums
columns:
  - {name: album_id, type: bigint}
  - {name: artist_id, type: string}
  - {name: owner, type: int}
  - {name: sold_on, type: date, formats: [yyyy-MM-dd]}
  - {name: at, type: timestamp, formats: [epoch_millis]}
  - {name: local, type: timestamp_ntz, formats: ["yyyy-MM-dd HH:mm"]}
  - {name: price, type: "decimal(10,2)"}
  - {name: share, type: double}
  - {name: ratio, type: float}
  - {name: live, type: boolean}
  - {name: tags, type: "map<string,int>"}
  - {name: mail, type: string, classification: mail}
  - {name: kind, type: string, enum: [LP, "Ängste"]}
  - {name: starts, type: time, formats: ["HH:mm"]}
  - {name: hidden, type: string, publish: false}
key: [album_id, sold_on]
partition_by: ["bucket(8, album_id)", months(sold_on)]
references:
  - {columns: [artist_id], to: artists}
  - {columns: [owner, sold_on], to: albums, otherwise: warn}
"""


def contract(text: str) -> Contract:
    return Contract.model_validate(yaml.safe_load(HEAD + text))


def both() -> dict[str, Contract]:
    return {name: contract(text) for name, text in (("albums", ALBUMS), ("artists", ARTISTS))}


def export(of: Contract, *, whole: bool = False, **more: object) -> Exported:
    columns = tuple(column.name for column in warehouse_columns(of))
    facts = {"rows": "s3://b/rows.manifest", "row_count": 3, "removed": None, "removed_count": 0, **more}
    previous = None if whole else "before"
    return Exported(of.dataset, "R2", 2, previous, whole, columns, ledger="l", version="7", figures={}, **facts)  # type: ignore[arg-type]


def test_a_table_with_every_type_and_its_layout_is_created_so() -> None:
    assert (
        create_table(both()["albums"], both(), LAKE)
        == """\
-- Distributed: joined with artists on one node.
-- Sorted: the lake's table is partitioned by it (months(sold_on)).
-- Refers to albums by owner, sold_on; not a foreign key: orphans only warn, so there may be some.
CREATE TABLE IF NOT EXISTS "lake"."albums" (
  "album_id" BIGINT NOT NULL,
  "artist_id" VARCHAR(65535),
  "owner" INTEGER,
  "sold_on" DATE NOT NULL,
  "at" TIMESTAMPTZ,
  "local" TIMESTAMP,
  "price" DECIMAL(10,2),
  "share" DOUBLE PRECISION,
  "ratio" REAL,
  "live" BOOLEAN,
  "tags" SUPER,
  "mail" VARCHAR(64),
  "kind" VARCHAR(7),
  "starts" VARCHAR(32),
  "_run" VARCHAR(128),
  PRIMARY KEY ("album_id", "sold_on"),
  FOREIGN KEY ("artist_id") REFERENCES "lake"."artists" ("artist_id")
)
DISTSTYLE KEY DISTKEY ("artist_id")
COMPOUND SORTKEY ("sold_on")"""
    )


def test_comments_and_grants_follow_the_table() -> None:
    assert table_statements(both()["artists"], both(), LAKE)[1:] == [
        """COMMENT ON TABLE "lake"."artists" IS 'One row per thing, the owner''s.'""",
        """COMMENT ON COLUMN "lake"."artists"."artist_id" IS 'Spotify''s id'""",
        """COMMENT ON COLUMN "lake"."artists"."_run" IS 'the run that wrote the row'""",
        'GRANT SELECT ON "lake"."artists" TO GROUP "lake_readers"',
        'GRANT SELECT, INSERT, DELETE ON "lake"."artists" TO GROUP "lake_loaders"',
    ]


def test_an_administrator_runs_these_statements_once() -> None:
    owner, loader, reader = "arn:aws:iam::123456789012:role/data/acme-owner", "acme-loader", "acme-analyst"
    assert member_statements(Members(owner, (loader,), (reader, loader)), LAKE, "dev", Known()) == [
        'CREATE GROUP "lake_loaders"',
        'CREATE GROUP "lake_readers"',
        'CREATE USER "IAMR:acme-owner" PASSWORD DISABLE',
        'CREATE USER "IAMR:acme-loader" PASSWORD DISABLE',
        'CREATE USER "IAMR:acme-analyst" PASSWORD DISABLE',
        'GRANT CREATE ON DATABASE "dev" TO "IAMR:acme-owner"',
        'CREATE SCHEMA IF NOT EXISTS "lake" AUTHORIZATION "IAMR:acme-owner"',
        'ALTER SCHEMA "lake" OWNER TO "IAMR:acme-owner"',
        'ALTER GROUP "lake_loaders" ADD USER "IAMR:acme-loader"',
        'ALTER GROUP "lake_readers" ADD USER "IAMR:acme-analyst"',
        'ALTER GROUP "lake_readers" ADD USER "IAMR:acme-loader"',
    ]


def test_what_is_there_already_is_left_out() -> None:
    groups, user = frozenset({"lake_loaders", "lake_readers"}), "IAMR:acme-analyst"
    known = Known(frozenset({user}), groups, frozenset({("lake_readers", user)}))
    assert member_statements(Members(readers=("acme-analyst",)), LAKE, "dev", known) == []
    assert member_statements(Members(loaders=("acme-analyst",)), LAKE, "dev", known) == [
        'ALTER GROUP "lake_loaders" ADD USER "IAMR:acme-analyst"'
    ]


def test_an_upsert_is_one_batch_that_asks_what_is_loaded() -> None:
    artists = both()["artists"]
    guard = (
        """NOT EXISTS (SELECT 1 FROM "lake"."headgate_loads" WHERE "dataset" = 'artists' AND "sequence" >= 2)\n"""
        """AND EXISTS (SELECT 1 FROM "lake"."headgate_loads" WHERE "dataset" = 'artists' AND "sequence" = 1)"""
    )
    assert load_statements(artists, export(artists, removed="s3://b/gone.manifest", removed_count=1), LAKE) == [
        'CREATE TEMP TABLE "staged_artists" ("artist_id" VARCHAR(88), "_run" VARCHAR(128))',
        """COPY "staged_artists"\nFROM 's3://b/rows.manifest'\nIAM_ROLE default\nFORMAT AS PARQUET\nMANIFEST""",
        'CREATE TEMP TABLE "removed_artists" ("artist_id" VARCHAR(88))',
        """COPY "removed_artists"\nFROM 's3://b/gone.manifest'\nIAM_ROLE default\nFORMAT AS PARQUET\nMANIFEST""",
        f'DELETE FROM "lake"."artists"\nUSING "removed_artists"\n'
        f'WHERE "artists"."artist_id" = "removed_artists"."artist_id"\nAND {guard}',
        f'DELETE FROM "lake"."artists"\nUSING "staged_artists"\n'
        f'WHERE "artists"."artist_id" = "staged_artists"."artist_id"\nAND {guard}',
        'INSERT INTO "lake"."artists" ("artist_id", "_run")\nSELECT "artist_id", "_run"\n'
        f'FROM "staged_artists"\nWHERE {guard}',
        'INSERT INTO "lake"."headgate_loads" ("dataset", "sequence", "run", "version", "rows", "removed", "figures", '
        f""""loaded_at")\nSELECT 'artists', 2, 'R2', '7', 3, 1, '{{}}', GETDATE()\nWHERE {guard}""",
    ]


def test_a_whole_table_replaces_all_rows_without_truncate() -> None:
    artists = both()["artists"]
    statements = load_statements(artists, export(artists, whole=True), LAKE)
    assert statements[2].startswith('DELETE FROM "lake"."artists" WHERE NOT EXISTS')
    assert not any("TRUNCATE" in statement or "= 1)" in statement for statement in statements)


def test_an_export_of_other_columns_is_not_loaded() -> None:
    from headgate.errors import RunFailed

    albums, artists = both()["albums"], both()["artists"]
    with pytest.raises(RunFailed, match="the export has other columns than the contract"):
        load_statements(albums, export(artists), LAKE)


def test_the_grammar_of_redshift_takes_every_statement(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    contracts = both()
    statements = [*schema_statements(LAKE), live_schema(LAKE, "data_warehouse_db")]
    for one in contracts.values():
        statements += table_statements(one, contracts, LAKE)
        statements += load_statements(one, export(one, removed="s3://b/gone.manifest", removed_count=1), LAKE)
        statements.append(verification_query(one, LAKE))
    unknown = [s for s in statements if isinstance(sqlglot.parse_one(s, dialect="redshift"), exp.Command)]
    assert [statement.split(" ")[:3] for statement in unknown] == [  # sqlglot has no grammar of these
        ["CREATE", "GROUP", '"lake_readers"'],
        ["CREATE", "GROUP", '"lake_loaders"'],
        ["CREATE", "EXTERNAL", "SCHEMA"],
    ]


CHOICES = {
    "key: [id]\nserving: {warehouse: true, distribution_key: other, sort_keys: [other, id]}": (
        'DISTSTYLE KEY DISTKEY ("other")', 'COMPOUND SORTKEY ("other", "id")'),
    "key: [id]": ("DISTSTYLE AUTO", 'COMPOUND SORTKEY ("id")'),
    "write: {mode: append}": ("DISTSTYLE AUTO", "SORTKEY AUTO"),
}  # fmt: skip


@pytest.mark.parametrize("text", CHOICES)
def test_layout_by_word_or_by_key(text: str) -> None:
    columns = "columns: [{name: id, type: int}, {name: other, type: int}]\n"
    one = Contract.model_validate({**yaml.safe_load(HEAD), **yaml.safe_load(f"dataset: one\n{columns}{text}")})
    assert tuple(create_table(one, {"one": one}, LAKE).splitlines()[-2:]) == CHOICES[text]


def test_a_table_that_others_refer_to_is_distributed_by_its_key() -> None:
    assert 'DISTKEY ("artist_id")' in create_table(both()["artists"], both(), LAKE)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"write": {"on_vanish": "delete"}}, "artists may lose rows that are referred to"),
        ({"key": []}, "it is not the key of artists"),
    ],
)
def test_a_reference_that_may_not_hold_is_not_a_foreign_key(change: dict, reason: str) -> None:
    text = ALBUMS.replace("to: artists}", 'to: artists, "on": [artist_id]}')
    artists = Contract.model_validate({**yaml.safe_load(HEAD + ARTISTS), **change})
    made = create_table(contract(text), {"albums": contract(text), "artists": artists}, LAKE)
    assert f"not a foreign key: {reason}" in made
    assert "FOREIGN KEY" not in made


def test_the_key_of_a_mart_is_a_primary_key_only_where_it_has_values() -> None:
    text = "dataset: m\nsource: {query: m.sql}\nkey: [city]\ncolumns: [{name: city, type: string%s}]\n"
    for word, there in ((", required: true", True), ("", False), (", required: true, otherwise: warn", False)):
        one = contract(text % word)
        assert ("PRIMARY KEY" in create_table(one, {"m": one}, LAKE)) is there


def stored(of: Contract) -> dict[str, str]:
    return {column.name: column.type for column in warehouse_columns(of)}


def test_a_new_column_and_a_wider_text_are_statements() -> None:
    before = stored(both()["albums"])
    del before["share"]
    before["kind"] = "VARCHAR(2)"
    found = migration(both()["albums"], before, LAKE)
    assert found.by_hand == ()
    assert found.statements == (
        'ALTER TABLE "lake"."albums" ADD COLUMN "share" DOUBLE PRECISION',
        'ALTER TABLE "lake"."albums" ALTER COLUMN "kind" TYPE VARCHAR(7)',
    )


@pytest.mark.parametrize(
    ("before", "problem", "by_hand"),
    [
        ({"old": "DATE"}, "`old` is not in the contract any more", 'ALTER TABLE "lake"."albums" DROP COLUMN "old";'),
        ({"price": "INTEGER"}, "`price` is INTEGER, and the contract needs DECIMAL(10,2)", "RENAME TO"),
        ({"album_id": None}, "`album_id` is new and part of the key", "RENAME TO"),
    ],
)
def test_what_would_lose_or_rewrite_data_is_left_to_a_person(before: dict, problem: str, by_hand: str) -> None:
    there = {name: kind for name, kind in {**stored(both()["albums"]), **before}.items() if kind}
    found = migration(both()["albums"], there, LAKE)
    assert found.statements == ()
    (left,) = found.by_hand
    assert problem in left.problem
    assert by_hand in left.statements


def test_a_text_that_is_wider_than_needed_stays() -> None:
    assert migration(both()["albums"], {**stored(both()["albums"]), "kind": "VARCHAR(900)"}, LAKE).statements == ()


REFUSED = {
    "columns: [{name: xmin, type: int}]": ("columns[0].name", "has a column `xmin` of its own"),
    f"columns: [{{name: {'a' * 128}, type: int}}]": ("columns[0].name", "at most 127 bytes"),
    "columns: [{name: photo, type: binary}]": ("columns[0].type", "is not loaded with bytes (`photo`)"),
    "columns: [{name: x, type: 'decimal(38,38)'}]": ("columns[0].type", "at most 37 digits"),
    "columns: [{name: x, type: 'array<int>'}]\nserving: {warehouse: true, sort_keys: [x]}": (
        "serving.sort_keys[0]", "cannot sort or distribute by a nested column"),
    "columns: [{name: x, type: 'array<int>'}]\nserving: {warehouse: true, distribution_key: x}": (
        "serving.distribution_key", "cannot sort or distribute by a nested column"),
    "dataset: headgate_loads\ncolumns: [{name: x, type: int}]": ("dataset", "has a table `headgate_loads` already"),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_redshift_cannot_hold_is_refused_with_the_key(text: str) -> None:
    one = Contract.model_validate({**yaml.safe_load(HEAD + "dataset: one\n"), **yaml.safe_load(text)})
    (fault,) = refused_by_redshift(one)
    key, problem = REFUSED[text]
    assert (fault.key, problem in fault.problem, bool(fault.remedy)) == (key, True, True)
    assert list(refused_by_redshift(one.model_copy(update={"serving": Contract.model_fields["serving"].default}))) == []


def test_too_many_columns_are_refused() -> None:
    columns = [{"name": f"c{at}", "type": "int"} for at in range(1600)]
    (fault,) = refused_by_redshift(
        Contract.model_validate({**yaml.safe_load(HEAD), "dataset": "d", "columns": columns})
    )
    assert "at most 1,600 columns" in fault.problem


def test_the_diagram_has_tables_keys_and_references() -> None:
    shown = diagram(both())
    assert "    artists {\n        VARCHAR_88 artist_id PK\n        VARCHAR_128 _run\n    }\n" in shown
    assert "        VARCHAR_65535 artist_id FK\n" in shown
    assert '    artists |o--o{ albums : "artist_id"\n' in shown
    assert '    albums |o--o{ albums : "owner, sold_on"\n' in shown


def test_the_model_has_the_diagram_every_reference_and_the_statements_in_order() -> None:
    text = document(both(), ["artists", "albums"])
    assert f"```mermaid\n{diagram(both())}```\n" in text
    assert "| `albums` | `artist_id` | `artists` | foreign key |" in text
    assert "| `albums` | `owner`, `sold_on` | `albums` | no: orphans only warn, so there may be some |" in text
    made = [text.index(f'CREATE TABLE IF NOT EXISTS "lake"."{name}"') for name in ("artists", "albums")]
    assert made == sorted(made)
    without = contract("dataset: n\ncolumns: [{name: x, type: int}]\n").model_copy(
        update={"serving": Contract.model_fields["serving"].default}
    )
    assert "No contract has a table in the warehouse" in document({"n": without}, ["n"])


def test_figures_are_compared_as_what_they_are() -> None:
    one = contract("dataset: n\ncolumns: [{name: x, type: double}, {name: y, type: 'decimal(4,2)'}]\nkey: [y]\n")
    lake = {
        "rows": "2", "x.values": "1", "x.sum": "0.30000000000000004", "x.least": "NaN", "x.greatest": None,
        "y.values": "2", "y.sum": "1.50", "y.least": "0.5", "y.greatest": "1.00", "_run.values": "2", "_run.bytes": "8",
        "distinct keys": "2",
    }  # fmt: skip
    same = ["2", "1", "0.3", "nan", None, "2", "1.5", "0.50", "1", "2", "8", "2"]
    newest = Exported("n", "R", 2, None, True, (), None, 0, None, 0, None, None, lake)
    assert verified(one, newest, ["2", *same]).success
    other = verified(one, newest, ["2", "3", *same[1:]])
    assert [figure.figure for figure in other.differing] == ["rows"]
    assert not verified(one, newest, ["1", *same]).success
    assert not verified(one, newest, [None, *same]).success
