"""What `headgate warehouse` prints."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path

from headgate.cli.aws import clients, told
from headgate.cli.documents import print_document
from headgate.errors import UnusableArgument
from headgate.lake.address import lake_at
from headgate.lake.paths import Lake
from headgate.project import Project, load_project
from headgate.warehouse.data_api import DataApi, Target
from headgate.warehouse.ddl import live_schema
from headgate.warehouse.members import Known, Members, known_members, member_statements
from headgate.warehouse.names import Warehouse
from headgate.warehouse.service import Tables, apply, chosen, load, missing_tables, new_tables, verify
from headgate.warehouse.verification import Verified


@dataclass(frozen=True)
class Where:
    """The options of a command: contracts, lake and warehouse, as they were given."""

    contracts: Path
    lake_address: str
    workgroup: str
    cluster: str
    database: str
    schema: str
    secret: str
    copy_role: str
    region: str

    @property
    def warehouse(self) -> Warehouse:
        """Names in the warehouse."""
        return Warehouse(self.schema, self.copy_role)

    @property
    def lake(self) -> Lake:
        """The lake."""
        return lake_at(self.lake_address or "lake")

    def project(self) -> Project:
        """The contracts. Raises `UnusableContract`."""
        return load_project(self.contracts, self.lake)

    def told(self) -> AbstractContextManager[None]:
        """What the Data API itself refuses, as a message."""
        remedy = "Check the name and the region; your rights must include the Redshift Data API (docs/WAREHOUSE.md)."
        return told(self.workgroup or self.cluster, remedy)

    def chosen(self, project: Project, names: Sequence[str]) -> list[str]:
        """The tables of these names, or all. Raises `UnusableArgument` where no contract asks for one."""
        wanted = chosen(project.contracts, project.run_order, names)
        if not wanted:
            remedy = "Write `serving: {warehouse: true}` into the contracts of the tables that you want there."
            raise UnusableArgument("no contract has a table in the warehouse", where=str(self.contracts), remedy=remedy)
        return wanted

    def api(self) -> DataApi:
        """The warehouse's database. Raises `UnusableArgument` where none or two are named."""
        target = Target(self.workgroup, self.cluster, self.database, self.secret)
        target.arguments()
        (client,) = clients("redshift-data", region=self.region)
        return DataApi(client, target)


def tables(where: Where, names: Sequence[str], *, live: str, apply_them: bool) -> int:
    """Print, or run, the statements that make the warehouse follow the contracts; 1 where a person must act."""
    project = where.project()
    wanted = where.chosen(project, names)
    api = where.api() if where.workgroup or where.cluster or apply_them else None
    if api is None:
        made = new_tables(wanted, project.contracts, where.warehouse)
    else:
        with where.told():
            made = missing_tables(wanted, project.contracts, where.warehouse, api)
    if live:
        more = {**made.statements, "live": [live_schema(where.warehouse, live)]}
        made = Tables(more, made.by_hand)
    if apply_them and api is not None:
        with where.told():
            apply(made, api)
        print(f"{sum(map(len, made.statements.values()))} statements were run, for {len(wanted)} tables.")
    else:
        print("\n\n".join(f"{statement};" for statements in made.statements.values() for statement in statements))
    for name, left in made.by_hand.items():
        for difference in left:
            print(f"\n-- By hand, {name}: {difference.problem}.\n{difference.statements}")
    return 1 if made.by_hand else 0


def members(where: Where, wanted: Members, *, apply_them: bool) -> int:
    """Print, or run, the statements that let roles own, load and read the tables."""
    if not (wanted.owner or wanted.loaders or wanted.readers):
        remedy = "Name roles with --owner, --loader or --reader."
        raise UnusableArgument("no role is named", remedy=remedy)
    api = where.api() if where.workgroup or where.cluster or apply_them else None
    known = Known()
    if api is not None:
        with where.told():
            known = known_members(api)
    statements = member_statements(wanted, where.warehouse, where.database, known)
    if api is None or not apply_them:
        print("\n".join(f"{statement};" for statement in statements))
        return 0
    with where.told():
        apply(Tables({"members": statements}, {}), api)
    print(f"{len(statements)} statements were run.")
    return 0


def load_tables(where: Where, names: Sequence[str], *, as_json: bool) -> int:
    """Load what is not loaded yet. The first table that is refused ends the command."""
    project, api, lake = where.project(), where.api(), where.lake
    wanted = where.chosen(project, names)
    done = []
    for name in wanted:
        with where.told():
            loaded = load(project.contracts[name], lake.storage, where.warehouse, api)
        done.append(asdict(loaded))
        if not as_json:
            runs = f"{len(loaded.runs)} exports, {loaded.rows:,} rows, {loaded.removed:,} keys removed"
            print(f"{name}: {runs if loaded.runs else 'nothing new'}")
    if as_json:
        print_document({"loaded": done})
    return 0


def verify_tables(where: Where, names: Sequence[str], *, as_json: bool) -> int:
    """Compare each table with the lake; 1 where one differs."""
    project, api, lake = where.project(), where.api(), where.lake
    wanted = where.chosen(project, names)
    with where.told():
        found = [verify(project.contracts[name], lake.storage, where.warehouse, api) for name in wanted]
    if as_json:
        print_document({"verified": [{**asdict(table), "success": table.success} for table in found]})
    else:
        for table in found:
            print("\n".join(_lines(table)))
    return 0 if all(table.success for table in found) else 1


def _lines(table: Verified) -> list[str]:
    if table.loaded != table.sequence:
        state = "nothing is loaded" if table.loaded is None else f"export {table.loaded} is loaded"
        remedy = f"`headgate warehouse load {table.dataset}`"
        return [f"{table.dataset}: {state}, the newest is {table.sequence} (run {table.run}). {remedy} loads it."]
    if not table.differing:
        return [f"{table.dataset}: {len(table.figures)} figures are equal (run {table.run})"]
    lines = [f"{table.dataset}: {len(table.differing)} of {len(table.figures)} figures differ (run {table.run})"]
    return [*lines, *(f"  {f.figure}: lake {f.lake}, warehouse {f.warehouse}" for f in table.differing)]
