"""Read one statement as Athena does: whether it accepts it, its type, and its translation for Trino.

Trino is Athena's engine, but Athena accepts fewer statements, uses Hive's grammar for some, and has its own properties
in `CREATE TABLE … AS`. A statement that Athena accepts and this module does not translate is refused with that reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rehearsal.aws.athena.trino_client import HIVE, ICEBERG


class NotAccepted(Exception):
    """Athena refuses the statement when it is submitted; the text is Athena's."""

    def __init__(self, message: str, code: str = "INVALID_INPUT") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Statement:
    """The statement for Trino, and what Athena reports about it."""

    sql: str
    type: str  # DML, DDL, UTILITY
    substatement: str
    headings: tuple[str, ...] = ()  # Athena's names for the columns of a listing
    session: dict[str, str] = field(default_factory=dict)
    new_table: str = ""  # CREATE TABLE … AS: its name, as written
    must_be_empty: str = ""  # …and the folder it fills
    by_emulator: bool = False  # CREATE EXTERNAL TABLE: only the catalog is written

    @property
    def is_query(self) -> bool:
        """True for a statement that returns rows under a header and leaves a CSV."""
        return self.type == "DML" and self.substatement in ("SELECT", "EXECUTE")


_NOT_SUPPORTED = "Queries of this type are not supported"
# The first words of a statement, and its type. The longest match wins.
_KINDS: dict[tuple[str, ...], tuple[str, str]] = {
    ("SELECT",): ("DML", "SELECT"), ("WITH",): ("DML", "SELECT"), ("(",): ("DML", "SELECT"),
    ("VALUES",): ("DML", "SELECT"), ("TABLE",): ("DML", "SELECT"),
    ("INSERT", "INTO"): ("DML", "INSERT"), ("DELETE", "FROM"): ("DML", "DELETE"),
    ("UPDATE",): ("DML", "UPDATE"), ("MERGE", "INTO"): ("DML", "MERGE"),
    ("CREATE", "TABLE"): ("DDL", "CREATE_TABLE_AS_SELECT"), ("CREATE", "EXTERNAL", "TABLE"): ("DDL", "CREATE_TABLE"),
    ("CREATE", "VIEW"): ("DDL", "CREATE_VIEW"), ("CREATE", "OR", "REPLACE", "VIEW"): ("DDL", "CREATE_VIEW"),
    ("DROP", "VIEW"): ("DDL", "DROP_VIEW"), ("DROP", "TABLE"): ("DDL", "DROP_TABLE"),
    ("MSCK", "REPAIR", "TABLE"): ("DDL", "MSCK"),
    ("SHOW", "TABLES"): ("UTILITY", "SHOW_TABLES"), ("SHOW", "DATABASES"): ("UTILITY", "SHOW_DATABASES"),
    ("SHOW", "SCHEMAS"): ("UTILITY", "SHOW_DATABASES"), ("SHOW", "COLUMNS"): ("UTILITY", "SHOW_COLUMNS"),
    ("SHOW", "CREATE", "VIEW"): ("UTILITY", "SHOW_CREATE_VIEW"), ("EXPLAIN",): ("UTILITY", "EXPLAIN"),
}  # fmt: skip
# Statements that Athena accepts too, and the rehearsal does not.
_ONLY_IN_AWS = (
    ("UNLOAD",), ("ALTER", "TABLE"), ("ALTER", "DATABASE"), ("CREATE", "DATABASE"), ("CREATE", "SCHEMA"),
    ("DROP", "DATABASE"), ("DROP", "SCHEMA"), ("OPTIMIZE",), ("VACUUM",), ("PREPARE",), ("EXECUTE",), ("DEALLOCATE",),
    ("DESCRIBE",), ("DESC",), ("SHOW", "PARTITIONS"), ("SHOW", "VIEWS"), ("SHOW", "CREATE", "TABLE"),
    ("SHOW", "TBLPROPERTIES"),
)  # fmt: skip
_COMPRESSION = ("write_compression", "parquet_compression", "orc_compression")
_CODECS = ("NONE", "SNAPPY", "GZIP", "ZSTD", "LZ4")
_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/) | (?P<text>'(?:[^']|'')*') | (?P<name>"(?:[^"]|"")*"|`[^`]*`)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*) | (?P<other>[0-9.]+|.)""",
    re.X | re.S,
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        return self.text.upper() if self.kind in ("word", "other") else self.text


def read(sql: str, *, tables_go_to: str = "", may_name_location: bool = True) -> Statement:
    """Read one statement. Raises `NotAccepted`.

    `tables_go_to` is the location of a new table that names none. With `may_name_location` false, as in a workgroup
    that enforces its own location, a table may not name one.
    """
    tokens = _only_one(sql)
    body = sql[tokens[0].start : tokens[-1].end]
    kind = _longest(tokens, _KINDS)
    if kind is None:
        if _longest(tokens, dict.fromkeys(_ONLY_IN_AWS, ("", ""))) is not None:
            words = " ".join(body.split(maxsplit=2)[:2])
            raise NotAccepted(f"The rehearsal does not serve this statement of Athena's: {words} …", "NOT_SERVED")
        raise NotAccepted(_NOT_SUPPORTED, "NOT_SUPPORTED")
    type_, sub = kind
    if sub == "CREATE_TABLE_AS_SELECT":
        return _new_table(body, tables_go_to, may_name_location)
    if sub == "CREATE_TABLE":
        return Statement(body, type_, sub, by_emulator=True)
    if type_ == "DML" or sub in ("CREATE_VIEW", "EXPLAIN"):
        return Statement(body, type_, sub)
    return _from_hive(body, type_, sub)


def _only_one(sql: str) -> list[_Token]:
    """The tokens of the only statement, without the `;` at its end."""
    tokens = list(_tokens(sql))
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    if not tokens:
        raise NotAccepted("Query is empty.", "MALFORMED_QUERY")
    if any(token.text == ";" for token in tokens):
        raise NotAccepted(f"Only one sql statement is allowed. Got: {sql}")
    return tokens


def _tokens(sql: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(sql):
        if match.lastgroup != "space":
            yield _Token(str(match.lastgroup), match[0], match.start(), match.end())


def _longest(tokens: list[_Token], kinds: dict[tuple[str, ...], tuple[str, str]]) -> tuple[str, str] | None:
    words = tuple(token.upper for token in tokens[:4])
    return next((kinds[words[:n]] for n in (4, 3, 2, 1) if words[:n] in kinds), None)


def _from_hive(body: str, type_: str, sub: str) -> Statement:
    """Translate a statement that Athena reads in Hive's grammar: backticks, IN for FROM."""
    tokens = list(_tokens(body))
    words = " ".join(
        '"' + token.text[1:-1] + '"' if token.text.startswith("`") else token.text for token in tokens
    ).replace(" . ", ".")
    if sub == "SHOW_TABLES":
        name = re.fullmatch(r"(?i)SHOW TABLES(?: (?:IN|FROM) (\S+))?", words)
        if name is None:
            raise NotAccepted("The rehearsal serves SHOW TABLES only without a pattern.", "NOT_SERVED")
        return Statement(f"SHOW TABLES FROM {name[1]}" if name[1] else "SHOW TABLES", type_, sub, ("tab_name",))
    if sub == "SHOW_DATABASES":
        return Statement("SHOW SCHEMAS", type_, sub, ("database_name",))
    if sub == "SHOW_COLUMNS":
        name = re.fullmatch(r"(?i)SHOW COLUMNS (?:IN|FROM) (\S+)(?: (?:IN|FROM) (\S+))?", words)
        table = f"{name[2]}.{name[1]}" if name and name[2] else name[1] if name else ""
        return Statement(f"SHOW COLUMNS FROM {table}", type_, sub, ("field",))
    if sub == "MSCK":
        return _repair(words)
    return Statement(words, type_, sub)


def _repair(words: str) -> Statement:
    database, _, table = words.split()[-1].replace('"', "").rpartition(".")
    if not database:
        raise NotAccepted("The rehearsal serves MSCK REPAIR TABLE only with <database>.<table>.", "NOT_SERVED")
    call = f"CALL {HIVE}.system.sync_partition_metadata('{database}', '{table}', 'ADD')"
    return Statement(call, "DDL", "MSCK")


def _new_table(body: str, tables_go_to: str, may_name_location: bool) -> Statement:
    """`CREATE TABLE … [WITH (…)] AS …`, with Trino's properties."""
    tokens = list(_tokens(body))
    name_at = 5 if [token.upper for token in tokens[2:5]] == ["IF", "NOT", "EXISTS"] else 2
    end = name_at
    while end + 1 < len(tokens) and tokens[end + 1].text == ".":
        end += 2
    name = body[tokens[name_at].start : tokens[end].end]
    given: dict[str, str] = {}
    rest = end + 1
    if rest < len(tokens) and tokens[rest].upper == "WITH":
        given, rest = _properties(body, tokens, rest + 1)
    if rest >= len(tokens) or tokens[rest].upper != "AS":
        raise NotAccepted("External keyword required for table type HIVE", "MALFORMED_QUERY")
    if "external_location" in given and not may_name_location:
        raise NotAccepted(
            "The Create Table As Select query failed because it was submitted with an 'external_location' property to "
            "an Athena Workgroup that enforces a centralized output location for all queries. Please remove the "
            "'external_location' property and resubmit the query."
        )
    head, query = body[: tokens[name_at].start], body[tokens[rest].start :]
    iceberg = given.pop("table_type", "'HIVE'").strip("'").upper() == "ICEBERG"
    given.pop("is_external", None)
    session = _codec(given, ICEBERG if iceberg else HIVE)
    if iceberg:
        target, place = _in_catalog(name, ICEBERG), "location"
    else:
        target, place = name, "external_location"
        if "field_delimiter" in given:
            given["textfile_field_separator"] = given.pop("field_delimiter")
    given.setdefault(place, f"'{tables_go_to}'")
    properties = ", ".join(f"{key} = {value}" for key, value in given.items())
    return Statement(
        f"{head}{target} WITH ({properties}) {query}", "DDL", "CREATE_TABLE_AS_SELECT",
        session=session, new_table=name, must_be_empty=given[place].strip("'"),
    )  # fmt: skip


def _in_catalog(name: str, catalog: str) -> str:
    parts = name.split(".")
    return ".".join([catalog, *(parts[-2:] if len(parts) > 1 else parts)])


def _properties(body: str, tokens: list[_Token], at: int) -> tuple[dict[str, str], int]:
    """`( key = value, … )` as written, and the index after it."""
    properties: dict[str, str] = {}
    at += 1
    while at + 2 < len(tokens) and tokens[at].text != ")":
        key, first, depth, at = tokens[at].text.strip('"').lower(), at + 2, 0, at + 2
        while at < len(tokens) and (depth or tokens[at].text not in (",", ")")):
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(tokens[at].text, 0)
            at += 1
        if at > first:
            properties[key] = body[tokens[first].start : tokens[at - 1].end]
        at += at < len(tokens) and tokens[at].text == ","
    return properties, at + 1


def _codec(given: dict[str, str], catalog: str) -> dict[str, str]:
    """The codec as a setting of Trino's session: Trino has no such property of a table."""
    named = [given.pop(key) for key in _COMPRESSION if key in given]
    codec = named[0].strip("'").upper() if named else ""
    if codec and codec not in _CODECS:
        raise NotAccepted(f"The rehearsal does not serve the compression {codec}, only {', '.join(_CODECS)}.")
    return {f"{catalog}.compression_codec": codec} if codec else {}
