"""docs/CONTRACTS.md, written from the model and its examples: `python -m headgate.contract.document`."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable, Iterator
from typing import Any

import annotated_types as at
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from headgate.contract.counterexamples import COUNTEREXAMPLES, all_said
from headgate.contract.examples import CUSTOMERS, EXAMPLES, ORDERS, REVENUE, REVENUE_SQL
from headgate.contract.load import models_in
from headgate.contract.model import Contract

_TOP = f"""# Contracts

One dataset or one mart is one YAML file below `contracts/`. Its name is the dataset's name (`orders.yaml` describes
`orders`). Terraform, the jobs, the checks and the warehouse read the same file. This page is written from the code
(`make written`); tests prove that every example on it is valid and that every refusal is told as it stands here.

- [How a contract reads](#how-a-contract-reads): two datasets and a mart, whole
- [Every key](#every-key), with type, default, meaning and an example
- [What is refused](#what-is-refused), and what to do instead
- [Two YAML readers, one file](#two-yaml-readers-one-file)

`headgate check` reports every fault of every contract at once and starts nothing. The exact rules of types, verdicts
and publishing stand in [SEMANTICS.md](SEMANTICS.md), every check in [CHECKS.md](CHECKS.md).

## How a contract reads

A dataset from CSV files. Columns stand in the published order; three technical ones (`_object`, `_arrival`, `_run`)
follow them.

```yaml
{ORDERS}```

A dataset from JSON files, with a column that is masked before anything is written.

```yaml
{CUSTOMERS}```

A mart: a query over published tables. Its columns are declared, and must be those of the query.

```yaml
{REVENUE}```

```sql
{REVENUE_SQL}```

The first line names the JSON Schema for editors. `headgate init` writes a contract of your own to begin with.

"""

_KEYS = """## Every key

Unknown keys are refused. A key without a default is required. The example stands at the key's own place; what it
needs beside it at the top level is said behind it.

"""

_INTRO = {
    "columns[]": "The words `required`, `unique`, `minimum`, `maximum`, `pattern`, `enum`, `min_length` and "
    "`max_length` are checks; so is the type. A column of the `key` is required whatever it says.\n\n"
    "Of a mart's columns only `name`, `type`, `description` and the checks may be said: the rest belongs to its query.",
    "checks[]": "The words of columns cover most checks. [CHECKS.md](CHECKS.md) lists every type with its arguments.",
}

_COLUMNS = "| Key | Type | Default | Meaning | Example |\n| --- | --- | --- | --- | --- |\n"

_REFUSED = """## What is refused

Each of these was given to the loader; the answer is its own. All faults of all contracts are told at once, each with
file, key, what is wrong, and the way out. What stands under a rule is put into a contract that is good otherwise.

"""

_READERS = """## Two YAML readers, one file

Terraform (`yamldecode`) and Python (PyYAML) read the same contract, and differ on some plain texts. Of two equal keys
both keep the last without a word. Headgate refuses what the two read differently, so a contract means one thing:

| Written | Terraform reads | PyYAML reads | Write |
| --- | --- | --- | --- |
| `no`, `on`, `y` | a boolean | a boolean; `y` a text | `"no"`, or `false` |
| `010`, `01` | the number 10, 1 | the number 8, 1 | `"010"`, or `10` |
| `0o10`, `0x1F`, `0b11` | 8, 31, a text | a text, 31, 3 | `"0x1F"`, or `31` |
| `1_000` | a text | the number 1000 | `"1_000"`, or `1000` |
| `1e3`, `1e+3`, `-.5` | a number | a text | `1000`, `-0.5` |
| `12:30`, `12:30:00` | a text | the number 750, 45000 | `"12:30"` |
| `2026-01-02` | a text with a time behind it | a date | `"2026-01-02"` |
| `.inf`, `.nan` | an error | a number | nothing: no key takes them |

The key `on:` (in `source.joins`) stays a text for Headgate; Terraform reads it as `true`. Terraform does not use it.
Terraform sorts the keys of a mapping, so everything with an order (columns, partitions) is a list. A test reads every
contract of the repository with both and compares: `tests/contract/test_two_readers.py`.
"""


def document() -> str:
    """The whole page as Markdown."""
    return _TOP + _KEYS + "".join(_section(path, model) for path, model in sections()) + _refused() + _READERS


def sections() -> Iterator[tuple[str, type[BaseModel]]]:
    """Every model of a contract with its path, in the order of the keys; the contract itself is ``."""
    yield from _below("", Contract)


def key_paths() -> list[str]:
    """The path of every key, `[]` for an element of a list: `columns[].name`."""
    return [_joined(path, name) for path, model in sections() for name in model.model_fields]


def _below(path: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    yield path, model
    for name, field in model.model_fields.items():
        inner = next(models_in(field.annotation), None)
        if inner:
            several = typing.get_origin(field.annotation) is tuple
            yield from _below(_joined(path, name) + ("[]" if several else ""), inner)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _section(path: str, model: type[BaseModel]) -> str:
    title = f"`{path}`" if path else "The contract"
    about = " ".join((model.__doc__ or "").split())
    intro = f"\n{_INTRO[path]}\n" if path in _INTRO else ""
    return (
        f"### {title}\n\n{about}\n{intro}\n{_COLUMNS}"
        + "".join(_row(_joined(path, name), field) for name, field in model.model_fields.items())
        + "\n"
    )


def _row(path: str, field: FieldInfo) -> str:
    example = EXAMPLES[path]
    beside = f" with {_code(example.beside)}" if example.beside else ""
    cells = [
        f"`{path.rsplit('.', 1)[-1]}`",
        _type_words(field),
        _default(field),
        field.description or "",
        _code(example.text) + beside,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is PydanticUndefined or isinstance(value, BaseModel) or value in (None, (), ""):
        return ""
    return _code(_yaml(value))


def _yaml(value: Any) -> str:
    """A value as a contract would say it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{one}"' for one in value) + "]"
    if isinstance(value, str) and not re.fullmatch(r"[\w.-]+", value):
        return f"'{value}'"
    return str(value)


def _type_words(field: FieldInfo) -> str:
    metadata = [*field.metadata, *_inner_metadata(field.annotation)]
    if any(map(_is_name, metadata)):
        return "name"
    bounds = _bounds(metadata)
    return f"{_words(field.annotation)}, {bounds}" if bounds else _words(field.annotation)


def _words(kind: Any) -> str:
    """A type in plain words."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return "name" if any(_is_name(one) for one in _flat(arguments[1:])) else _words(arguments[0])
    if origin is typing.Literal:
        return " · ".join(f"`{one}`" for one in arguments)
    if origin is tuple:
        word = _words(arguments[0])
        return f"list of {_SEVERAL.get(word, word + 's')}"
    if origin is dict:
        return "mapping"
    if origin in (typing.Union, types.UnionType):
        some = [one for one in arguments if one is not type(None)]
        return _ANY if len(some) > 1 else _words(some[0])
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _MAPPING
    return {bool: "boolean", int: "whole number", float: "number", str: "text"}[kind]


_ANY, _MAPPING = "text, number or boolean", "mapping (below)"
_SEVERAL = {_ANY: "texts, numbers or booleans", _MAPPING: "mappings (below)"}


def _inner_metadata(kind: Any) -> list[Any]:
    """What `Annotated` inside an optional type says."""
    optional = typing.get_args(kind) if typing.get_origin(kind) in (typing.Union, types.UnionType) else ()
    annotated = [one for one in optional if typing.get_origin(one) is typing.Annotated]
    return [said for one in annotated for said in _flat(typing.get_args(one)[1:])]


def _flat(metadata: Iterable[Any]) -> list[Any]:
    return [part for one in metadata for part in (one.metadata if isinstance(one, FieldInfo) else [one])]


def _is_name(said: Any) -> bool:
    return str(getattr(said, "pattern", "")).startswith("^[a-z]")


def _bounds(metadata: list[Any]) -> str:
    least = next((one.ge for one in metadata if isinstance(one, at.Ge)), None)
    most = next((one.le for one in metadata if isinstance(one, at.Le)), None)
    if least is not None and most is not None:
        return f"{least} to {most}"
    if least is not None:
        return f"at least {least}"
    return "not empty" if any(isinstance(one, at.MinLen) for one in metadata) else ""


def _refused() -> str:
    said = all_said()
    return _REFUSED + "".join(_refusal(rule, said[rule]) for rule in COUNTEREXAMPLES)


def _refusal(rule: str, faults: Any) -> str:
    title = rule[:1].upper() + rule[1:]
    answer = "\n".join(map(str, faults))
    return f"**{title}**\n\n```yaml\n{COUNTEREXAMPLES[rule].text.rstrip()}\n```\n\n```text\n{answer}\n```\n\n"


if __name__ == "__main__":
    print(document(), end="")
