"""Walk the keys of a contract: every model with its path, every key with its field."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from headgate.contract.model import Contract


def sections() -> Iterator[tuple[str, type[BaseModel]]]:
    """Every model of a contract with its path, in the order of the keys; the contract itself is ``."""
    yield from _below("", Contract)


def keys() -> dict[str, FieldInfo]:
    """The field of every key by its path, `[]` for an element of a list: `columns[].name`."""
    return {joined(path, name): field for path, model in sections() for name, field in model.model_fields.items()}


def joined(path: str, name: str) -> str:
    """The path of a key below `path`."""
    return f"{path}.{name}" if path else name


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models inside the type of a key."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from models_in(argument)


def _below(path: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    yield path, model
    for name, field in model.model_fields.items():
        inner = next(models_in(field.annotation), None)
        if inner:
            several = typing.get_origin(field.annotation) is tuple
            yield from _below(joined(path, name) + ("[]" if several else ""), inner)
