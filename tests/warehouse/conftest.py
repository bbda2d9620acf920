"""A Redshift on PostgreSQL for all tests of a worker; each test has a schema of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

import needs
from bench import Bench
from headgate.warehouse.data_api import DataApi, Target
from headgate.warehouse.members import Members, known_members, member_statements, user_of
from headgate.warehouse.names import Warehouse
from headgate.warehouse.service import Loaded, Tables, apply, chosen, load, missing_tables, verify
from headgate.warehouse.verification import Verified


@dataclass
class AsUser:
    """A client whose statements run as a user of the database."""

    client: Any
    user: str

    def __getattr__(self, call: str) -> Any:
        def with_user(**given: Any) -> Any:
            runs = {"DbUser": self.user} if call in ("execute_statement", "batch_execute_statement") else {}
            return getattr(self.client, call)(**given, **runs)

        return with_user


@dataclass
class Redshift:
    """The Data API, a schema for one test, and what the product's commands do."""

    client: Any
    folder: Path
    warehouse: Warehouse

    @property
    def api(self) -> DataApi:
        return DataApi(self.client, Target(workgroup="rehearsal"))

    def rows(self, sql: str) -> list[tuple[str | None, ...]]:
        """What a query of the warehouse gives; `lake.` in it is the test's schema."""
        return self.api.rows(sql.replace("lake.", f"{self.warehouse.schema}."), "test")

    def run(self, *statements: str) -> None:
        self.api.batch([sql.replace("lake.", f"{self.warehouse.schema}.") for sql in statements], "test")

    def make_tables(self, bench: Bench) -> None:
        project = bench.project()
        names = chosen(project.contracts, project.run_order, ())
        apply(missing_tables(names, project.contracts, self.warehouse, self.api), self.api)

    def load(self, bench: Bench, *names: str) -> dict[str, Loaded]:
        project = bench.project()
        wanted = chosen(project.contracts, project.run_order, names)
        return {n: load(project.contracts[n], bench.lake.storage, self.warehouse, self.api) for n in wanted}

    def verify(self, bench: Bench, *names: str) -> dict[str, Verified]:
        project = bench.project()
        wanted = chosen(project.contracts, project.run_order, names)
        return {n: verify(project.contracts[n], bench.lake.storage, self.warehouse, self.api) for n in wanted}

    def add(self, members: Members) -> None:
        """Let IAM roles own, load and read, as `headgate warehouse members --apply` does."""
        statements = member_statements(members, self.warehouse, "dev", known_members(self.api))
        apply(Tables({"members": statements}, {}), self.api)

    def come_as(self, role: str) -> Redshift:
        """The same warehouse, for whoever comes with this IAM role."""
        return Redshift(AsUser(self.client, user_of(role)), self.folder, self.warehouse)

    def abort_after(self, beginning: str) -> None:
        """Let the next session die behind the statement that begins so."""
        (self.folder / "abort-after").write_text(beginning, encoding="utf-8")


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of the Data API, and the folder of its data; COPY reads below pytest's folder of this run."""
    needs.insist("postgres")
    folder, root = tmp_path_factory.mktemp("postgres"), tmp_path_factory.getbasetemp()
    _let_others_pass(folder)
    words = [str(needs.postgres()), "-m", "rehearsal.aws.redshift", "--folder", str(folder / "pg")]
    server = subprocess.Popen(
        [*words, "--bucket", f"lake={root}"], cwd=needs.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdin and server.stdout
    yield json.loads(server.stdout.readline())["endpoint"], folder / "pg"
    server.stdin.close()
    server.wait(60)
    server.stdout.close()


def _let_others_pass(folder: Path) -> None:
    """PostgreSQL runs as another user where this one is root: it must reach its folder."""
    for part in [folder, *folder.parents]:
        if part.stat().st_uid == 0 or part == folder:
            try:
                part.chmod(part.stat().st_mode | 0o011)
            except PermissionError:
                return


@pytest.fixture
def redshift(endpoint: tuple[str, Path], request: pytest.FixtureRequest) -> Redshift:
    url, folder = endpoint
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = boto3.client("redshift-data", endpoint_url=url, region_name="eu-west-1", **keys)
    schema = f"s{abs(hash(request.node.nodeid)) % 10**9}"
    return Redshift(client, folder, Warehouse(schema))
