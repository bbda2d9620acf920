"""The commands `headgate dead-letters list` and `headgate dead-letters replay DATASET`."""

from __future__ import annotations

from typing import Annotated

import typer

from headgate.cli.command import new_app

app = new_app(
    "Show the documents that a deployed lake could not flatten, and let it try again.",
    "0 success, 1 AWS refused, 2 an unusable argument",
)

Lake = Annotated[str, typer.Option("--name", help="The name of the deployed lake, such as headgate-dev.")]
Region = Annotated[str, typer.Option("--region", help="The AWS region, if not that of AWS_REGION.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command("list")
def list_command(
    name: Lake,
    dataset: Annotated[str, typer.Argument(help="A dataset; by default all.")] = "",
    region: Region = "",
    as_json: Json = False,
) -> None:
    """List each document with its dataset, when it arrived, and why it could not be flattened."""
    from headgate.cli.dead_letters import by_dataset, dead_letters
    from headgate.cli.documents import print_document
    from headgate.cli.table import Column, console, print_table

    letters = by_dataset(dead_letters(name, region).letters(), dataset)
    if as_json:
        print_document({"dead_letters": [letter.as_dict() for letter in letters]})
    elif not letters:
        print("No dead letters.")
    else:
        columns = ("dataset", "key", "arrived", "reason")
        print_table(console(), [Column(column, [getattr(letter, column) for letter in letters]) for column in columns])


@app.command("replay")
def replay_command(
    dataset: Annotated[str, typer.Argument(help="The dataset whose documents are tried again.")],
    name: Lake,
    region: Region = "",
    as_json: Json = False,
) -> None:
    """Let the function try a dataset's documents again, after you have corrected what was wrong."""
    from headgate.cli.dead_letters import dead_letters
    from headgate.cli.documents import print_document

    keys = dead_letters(name, region).replay(dataset)
    if as_json:
        print_document({"dataset": dataset, "replayed": keys})
    elif not keys:
        print(f"{dataset} has no dead letters.")
    else:
        print(f"{len(keys)} of {dataset} will be tried again:", *keys, sep="\n  ")
