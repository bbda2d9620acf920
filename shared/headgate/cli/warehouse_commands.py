"""The commands `headgate warehouse ddl`, `members`, `diagram`, `load` and `verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headgate.cli.command import new_app

app = new_app(
    "Make, load and verify the tables of the warehouse (Redshift).",
    "0 success, 1 the warehouse refused or differs, 2 an unusable contract or argument",
)

Names = Annotated[list[str] | None, typer.Argument(help="The tables; by default all (`serving: {warehouse: true}`).")]
Contracts = Annotated[Path, typer.Option("--contracts", help="The folder of the contracts.")]
Lake = Annotated[str, typer.Option("--lake", help="The lake: a folder, or `s3://…`.")]
Workgroup = Annotated[str, typer.Option("--workgroup", help="The serverless workgroup.")]
Cluster = Annotated[str, typer.Option("--cluster", help="The cluster, instead of a workgroup.")]
Database = Annotated[str, typer.Option("--database", help="The database.")]
Schema = Annotated[str, typer.Option("--schema", help="The schema of all tables.")]
Secret = Annotated[str, typer.Option("--secret", help="The ARN of the secret with user and password, if not your own.")]
Role = Annotated[str, typer.Option("--copy-role", help="The ARN of the role by which COPY reads the exports.")]
Region = Annotated[str, typer.Option("--region", help="The AWS region, if not that of AWS_REGION.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command("ddl")
def ddl_command(
    names: Names = None,
    contracts: Contracts = Path("contracts"),
    workgroup: Workgroup = "",
    cluster: Cluster = "",
    database: Database = "dev",
    schema: Schema = "lake",
    secret: Secret = "",
    copy_role: Role = "default",
    region: Region = "",
    live: Annotated[
        str, typer.Option("--live", metavar="DATABASE", help="Also an external schema over this Glue database.")
    ] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Run the statements; by default they are printed.")] = False,
) -> None:
    """Print the statements that make the tables, or with a workgroup or cluster what they lack.

    What only a person may do (a column that the contract has lost, another type) is printed and never run.
    """
    from headgate.cli.warehouse import Where, tables

    where = Where(contracts, "", workgroup, cluster, database, schema, secret, copy_role, region)
    raise typer.Exit(tables(where, names or [], live=live, apply_them=apply))


@app.command("members")
def members_command(
    owner: Annotated[str, typer.Option("--owner", metavar="ROLE", help="The IAM role that makes the tables.")] = "",
    loader: Annotated[
        list[str] | None, typer.Option("--loader", metavar="ROLE", help="An IAM role that loads; more than once.")
    ] = None,
    reader: Annotated[
        list[str] | None, typer.Option("--reader", metavar="ROLE", help="An IAM role that reads; more than once.")
    ] = None,
    workgroup: Workgroup = "",
    cluster: Cluster = "",
    database: Database = "dev",
    schema: Schema = "lake",
    secret: Secret = "",
    region: Region = "",
    apply: Annotated[bool, typer.Option("--apply", help="Run the statements; by default they are printed.")] = False,
) -> None:
    """Print the statements that let IAM roles own, load and read the tables.

    An administrator of the database runs them. With a workgroup or cluster, what is there already is left out.
    """
    from headgate.cli.warehouse import Where, members
    from headgate.warehouse.members import Members

    where = Where(Path("contracts"), "", workgroup, cluster, database, schema, secret, "default", region)
    wanted = Members(owner, tuple(loader or ()), tuple(reader or ()))
    raise typer.Exit(members(where, wanted, apply_them=apply))


@app.command("diagram")
def diagram_command(contracts: Contracts = Path("contracts")) -> None:
    """Print the entity-relationship diagram of the tables, in Mermaid."""
    from headgate.lake.address import lake_at
    from headgate.project import load_project
    from headgate.warehouse.diagram import diagram

    print(diagram(load_project(contracts, lake_at("lake")).contracts), end="")


@app.command("load")
def load_command(
    names: Names = None,
    contracts: Contracts = Path("contracts"),
    lake: Lake = "lake",
    workgroup: Workgroup = "",
    cluster: Cluster = "",
    database: Database = "dev",
    schema: Schema = "lake",
    secret: Secret = "",
    copy_role: Role = "default",
    region: Region = "",
    as_json: Json = False,
) -> None:
    """Load every export that is not loaded yet, in order, each in one transaction."""
    from headgate.cli.warehouse import Where, load_tables

    where = Where(contracts, lake, workgroup, cluster, database, schema, secret, copy_role, region)
    raise typer.Exit(load_tables(where, names or [], as_json=as_json))


@app.command("verify")
def verify_command(
    names: Names = None,
    contracts: Contracts = Path("contracts"),
    lake: Lake = "lake",
    workgroup: Workgroup = "",
    cluster: Cluster = "",
    database: Database = "dev",
    schema: Schema = "lake",
    secret: Secret = "",
    region: Region = "",
    as_json: Json = False,
) -> None:
    """Compare counts, sums, least and greatest values of every table with those of the lake's newest export."""
    from headgate.cli.warehouse import Where, verify_tables

    where = Where(contracts, lake, workgroup, cluster, database, schema, secret, "default", region)
    raise typer.Exit(verify_tables(where, names or [], as_json=as_json))
