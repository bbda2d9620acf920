"""The command `headgate flatten`: on a laptop what the Lambda of the event path does, with the same code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("flatten")(flatten_command)


def flatten_command(
    dataset: Annotated[str, typer.Argument(help="The dataset whose documents are flattened.")],
    contracts: Annotated[Path, typer.Option("--contracts", help="The folder of the contracts.")] = Path("contracts"),
    source: Annotated[Path, typer.Option("--source", help="The folder of the raw files.")] = Path("staging"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Turn the JSON documents of a dataset that arrive as events into Parquet files for `headgate run`.

    Documents lie below `incoming/DATASET/` of the source. The Lambda of the event path does the same on AWS.
    """
    from dataclasses import asdict

    from headgate.cli.documents import print_document
    from headgate.cli.documents_here import flattened, line
    from headgate.contract.load import load_contracts

    answers = []
    for answer in flattened(load_contracts(contracts), dataset, source):
        answers.append(answer)
        if not as_json:
            print(line(answer, dataset, source))
    refused = sum(answer.state == "refused" for answer in answers)
    if as_json:
        print_document({"dataset": dataset, "documents": [asdict(answer) for answer in answers]})
    raise typer.Exit(1 if refused else 0)
