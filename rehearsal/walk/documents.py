"""JSON documents of clicks for the event path, with nested parts, and the rows that Athena must then see."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

DATASET = "clicks"
COLUMNS = ("click_id", "what", "os", "app_version", "price")  # of the contract, in its order
_WHAT = ("play", "skip", "like")
_OS = ("ios", "android")


@dataclass(frozen=True)
class Document:
    """A document: its key in the staging bucket, and its text."""

    key: str
    text: str


def document(name: str, numbers: Iterable[int], version: str = "1.0") -> Document:
    """A document with a click for each number."""
    clicks = ",\n".join(_click(number, version) for number in numbers)
    return Document(f"incoming/{DATASET}/{name}.json", f'{{"sent_by": "player", "clicks": [\n{clicks}\n]}}\n')


def _click(number: int, version: str) -> str:
    """The price is written by hand: a reader that makes a number of it would lose its last zeros."""
    device = {"os": _OS[number % 2], "app": {"version": version, "build": number}}
    rest = {"id": number, "what": _WHAT[number % 3], "device": device, "context": {"list": [number], "shuffle": True}}
    return f'{json.dumps(rest)[:-1]}, "price": {price(number)}}}'


def price(number: int) -> str:
    """A number as it is written in the document."""
    return f"{number}.500"


def row(number: int, version: str = "1.0") -> dict[str, Any]:
    """The raw row of a click: texts."""
    return {"click_id": str(number), "what": _WHAT[number % 3], "os": _OS[number % 2], "app_version": version,
            "price": price(number)}  # fmt: skip


def differing(wanted: Mapping[int, str], rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """What is wrong with raw rows, given the version that each click must have; at most three lines."""
    by_id: dict[str, list[Mapping[str, Any]]] = {}
    for seen in rows:
        by_id.setdefault(str(seen["click_id"]), []).append(seen)
    wrong = [
        f"click {number}: {by_id.get(str(number), [])}, expected {row(number, version)} once"
        for number, version in wanted.items()
        if by_id.get(str(number)) != [row(number, version)]
    ]
    unknown = sorted(set(by_id) - {str(number) for number in wanted})
    return ([*wrong, f"unknown clicks {unknown[:5]}"] if unknown else wrong)[:3]
