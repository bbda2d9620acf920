"""Statements run by the Redshift Data API: a batch is one transaction, a query's rows are texts.

API: docs.aws.amazon.com/redshift-data/latest/APIReference/Welcome.html.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from headgate.errors import RunFailed, UnusableArgument
from headgate.warehouse.load import MOST_BYTES, MOST_STATEMENTS

_ENDED = ("FINISHED", "FAILED", "ABORTED")
_SECONDS = 0.2  # first wait between two looks; doubled up to the longest
_LONGEST = 5.0


@dataclass(frozen=True)
class Target:
    """The database that statements run in: of a serverless workgroup, or of a cluster."""

    workgroup: str = ""
    cluster: str = ""
    database: str = "dev"
    secret: str = ""

    def arguments(self) -> dict[str, str]:
        """The API's arguments. Raises `UnusableArgument` unless exactly one of workgroup and cluster is named."""
        if bool(self.workgroup) == bool(self.cluster):
            remedy = "Name a workgroup with --workgroup, or a cluster with --cluster."
            raise UnusableArgument("no warehouse is named, or two are", remedy=remedy)
        where = {"WorkgroupName": self.workgroup} if self.workgroup else {"ClusterIdentifier": self.cluster}
        return {**where, "Database": self.database, **({"SecretArn": self.secret} if self.secret else {})}


@dataclass(frozen=True)
class DataApi:
    """A client of the service `redshift-data`, and the database that it is asked about."""

    client: Any
    target: Target
    sleep: Callable[[float], None] = field(default=time.sleep)

    def batch(self, statements: Sequence[str], name: str) -> None:
        """Run statements in one transaction. Raises `RunFailed` with Redshift's message; nothing was changed then."""
        size = sum(len(statement.encode()) for statement in statements)
        if len(statements) > MOST_STATEMENTS or size > MOST_BYTES:
            what = f"a batch of {len(statements)} statements and {size:,} bytes is more than the Data API takes"
            raise RunFailed(what, where=name, remedy=f"It takes {MOST_STATEMENTS}, and {MOST_BYTES:,} bytes.")
        asked = {**self.target.arguments(), "StatementName": name[:500]}
        if len(statements) == 1:
            self._wait(self.client.execute_statement(Sql=statements[0], **asked)["Id"], name)
        elif statements:
            self._wait(self.client.batch_execute_statement(Sqls=list(statements), **asked)["Id"], name)

    def rows(self, query: str, name: str) -> list[tuple[str | None, ...]]:
        """The rows of a query, every value as a text. Raises `RunFailed` with Redshift's message."""
        started = self.client.execute_statement(Sql=query, StatementName=name[:500], **self.target.arguments())["Id"]
        self._wait(started, name)
        found, token = list[tuple[str | None, ...]](), None
        while True:
            more = {"NextToken": token} if token else {}
            page = self.client.get_statement_result(Id=started, **more)
            found += [tuple(map(_value, row)) for row in page["Records"]]
            token = page.get("NextToken")
            if not token:
                return found

    def _wait(self, statement: str, name: str) -> None:
        seconds = _SECONDS
        while True:
            answer: Mapping[str, Any] = self.client.describe_statement(Id=statement)
            if answer["Status"] in _ENDED:
                break
            self.sleep(seconds)
            seconds = min(seconds * 2, _LONGEST)
        if answer["Status"] != "FINISHED":
            what = f"the warehouse refused: {answer.get('Error') or answer['Status']}"
            remedy = "Nothing of this batch was changed. docs/WAREHOUSE.md lists messages and their causes."
            raise RunFailed(what, where=name, remedy=remedy)


def _value(field: Mapping[str, Any]) -> str | None:
    if field.get("isNull"):
        return None
    value = next(iter(field.values()))
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
