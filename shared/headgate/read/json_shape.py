"""Bring a JSON value into the shape of its declared type: a text, or JSON whose leaves are texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from headgate.contract.types import ArrayType, DataType, MapType, StructType
from headgate.read.json_exact import Number, json_text

_EMPTY: tuple[Any, ...] = ([], {}, "")


def kind(value: Any) -> str:
    """What kind of value it is, as a fault names it."""
    return "a list" if isinstance(value, list) else "an object" if isinstance(value, dict) else "a value"


def is_nothing(value: Any) -> bool:
    """True for null, and for the empty list, object or text that some writers put for a missing object or list."""
    return value is None or value in _EMPTY


def delivered(value: Any, declared: DataType, label: str, faults: list[str]) -> str | None:
    """The text that a column of type `declared` gets; values that contradict the type are added to `faults`."""
    shaped = _shaped(value, declared, label, faults)
    return json_text(shaped) if isinstance(shaped, dict | list) else shaped


def _scalar(value: Any, declared: DataType, label: str, faults: list[str]) -> str | None:
    if value is None or type(value) is str:
        return value
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if declared.kind == "string":
        return json_text(value)
    faults.append(f"{label}: {kind(value)} where a value is declared")
    return None


def _shaped(value: Any, declared: DataType, label: str, faults: list[str]) -> Any:
    """The value in the declared shape, where every leaf is a text or null."""
    if isinstance(declared, StructType):
        return _struct(value, declared, label, faults)
    if isinstance(declared, ArrayType):
        return _array(value, declared, label, faults)
    if isinstance(declared, MapType):
        return _map(value, declared, label, faults)
    return _scalar(value, declared, label, faults)


def _struct(value: Any, declared: StructType, label: str, faults: list[str]) -> Any:
    if is_nothing(value):
        return None
    if not isinstance(value, dict):
        return _misfit(value, "an object", label, faults)
    exact = [name for name, _ in declared.fields]
    shaped = {}
    for name, field in declared.fields:
        part = value[name] if name in value else _respelled(value, name, exact, label, faults)
        shaped[name] = _shaped(part, field, f"{label}.{name}", faults)
    return shaped


def _respelled(value: dict[str, Any], name: str, exact: Sequence[str], label: str, faults: list[str]) -> Any:
    """The value of a field whose key is there in another case; None where it is missing."""
    folded = name.casefold()
    keys = [key for key in value if key.casefold() == folded and key not in exact]
    if len(keys) > 1:
        faults.append(f"{label}.{name}: could be read from {' and '.join(f'`{key}`' for key in keys)}")
    return value[keys[0]] if len(keys) == 1 else None


def _array(value: Any, declared: ArrayType, label: str, faults: list[str]) -> Any:
    if isinstance(value, list):
        return [_shaped(element, declared.element, f"{label}[{i}]", faults) for i, element in enumerate(value)]
    return None if is_nothing(value) else _misfit(value, "a list", label, faults)


def _map(value: Any, declared: MapType, label: str, faults: list[str]) -> Any:
    if isinstance(value, dict):
        return {key: _shaped(part, declared.value, f"{label}.{key}", faults) for key, part in value.items()}
    return None if is_nothing(value) else _misfit(value, "an object", label, faults)


def _misfit(value: Any, wanted: str, label: str, faults: list[str]) -> None:
    faults.append(f"{label}: {kind(value)} where {wanted} is declared")
