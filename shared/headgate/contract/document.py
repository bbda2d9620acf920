"""docs/CONTRACTS.md, written from the model and its examples: `python -m headgate.contract.document`."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import annotated_types as at
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from headgate import columns
from headgate.checks.families import TAKES
from headgate.contract.counterexamples import all_faults, counterexamples
from headgate.contract.examples import CUSTOMERS, ORDERS, REVENUE, REVENUE_SQL, Example, examples
from headgate.contract.keys import joined, keys, sections
from headgate.contract.words import Word, word_of
from headgate.errors import Fault

_TOP = f"""# Contracts

One dataset or one mart is one YAML file below `contracts/`. Its name is the dataset's name (`orders.yaml` describes
`orders`). Terraform, the jobs and the checks read the same file. This page is written from the code (`make written`);
tests prove that every example on it is valid, and that every refusal has the message shown here.

- [How a contract reads](#how-a-contract-reads): two datasets and a mart, whole
- [Every key](#every-key), with type, default, meaning and an example
- [Column words](#column-words): the keys of a column that are checks
- [What is refused](#what-is-refused), and what to do instead
- [Two YAML readers, one file](#two-yaml-readers-one-file)

`headgate check` reports every fault of every contract at once and starts nothing; it also names keys that are checked
and not used yet. [SEMANTICS.md](SEMANTICS.md) has the exact rules of types, verdicts and publishing,
[CHECKS.md](CHECKS.md) every check.

## How a contract reads

A dataset from CSV files. The order of the columns is the published order; technical columns follow them:
TECHNICAL_COLUMNS.

```yaml
{ORDERS}```

A dataset from JSON files, with a column that is masked before anything is written.

```yaml
{CUSTOMERS}```

A mart: a query over published tables. Its contract declares the columns of the query.

```yaml
{REVENUE}```

```sql
{REVENUE_SQL}```

The first line names the JSON Schema for editors. `headgate init` writes a first contract to start from.

"""

_KEYS = """## Every key

Unknown keys are refused. A key marked `required` has no default. An example shows the key at its own place; "with"
names what the example also needs at the top level.

"""

_INTRO = {
    "columns[]": "Some keys are checks: [column words](#column-words). A column of the `key` is always required.\n\n"
    "A column of a mart has only `name`, `type`, `description` and the checks: the rest belongs to its query.",
    "checks[]": "Column words cover most checks. [CHECKS.md](CHECKS.md) lists every check type with its arguments.",
    "serving": "`headgate check` prints a note for `time`, `dimensions` and `measures`, which nothing reads yet.",
    "references[]": "Values are compared as they are published: a masked column refers to one that is masked with the "
    "same classification. What is referred to runs first; [SEMANTICS.md](SEMANTICS.md#references) has the rules.",
}

_COLUMNS = "| Key | Type | Default | Meaning | Example |\n| --- | --- | --- | --- | --- |\n"

_WORDS = """## Column words

These keys of a column are checks. So is its type: a value that is not of the type fails. The column's `otherwise` is
what a failing value does. The last column shows a value that fails the word's example under [`columns[]`](#columns).

| Word | Becomes | Judges columns of | Fails |
| --- | --- | --- | --- |
"""

_REFUSED = """## What is refused

The loader has answered each of these. It reports all faults of all contracts at once, each with file, key, what is
wrong, and how to fix it. Each text below replaces or adds keys of a contract that is good otherwise.

"""

_READERS = """## Two YAML readers, one file

Terraform (`yamldecode`) and Python (PyYAML) read the same contract, and differ on some plain texts. Of two equal keys
both silently keep the last. Headgate refuses what the two read differently, so that a contract has one meaning:

| Written | Terraform reads | PyYAML reads | Write |
| --- | --- | --- | --- |
| `no`, `on`, `y` | a boolean | a boolean; `y` a text | `"no"`, or `false` |
| `010`, `01` | the number 10, 1 | the number 8, 1 | `"010"`, or `10` |
| `0o10`, `0x1F`, `0b11` | 8, 31, a text | a text, 31, 3 | `"0x1F"`, or `31` |
| `1_000` | a text | the number 1000 | `"1_000"`, or `1000` |
| `1e3`, `1e+3`, `-.5` | a number | a text | `1000`, `-0.5` |
| `12:30`, `12:30:00` | a text | the number 750, 45000 | `"12:30"` |
| `2026-01-02` | a text with a time appended | a date | `"2026-01-02"` |
| `.inf`, `.nan` | an error | a number | no key accepts them |

The key `on:` (in `source.joins`) stays a text for Headgate; Terraform reads it as `true`. Terraform does not use it.
Terraform sorts the keys of a mapping, so everything with an order (columns, partitions) is a list. A test reads every
contract of the repository with both and compares the results: `tests/contract/test_two_readers.py`.
"""


def document() -> str:
    """The whole page as Markdown."""
    shown = examples()
    tables = "".join(_section(path, model, shown) for path, model in sections())
    top = _TOP.replace("TECHNICAL_COLUMNS", ", ".join(f"`{c.name}` ({c.meaning})" for c in columns.TECHNICAL))
    return top + _KEYS + tables + _words() + _refused() + _READERS


def _section(path: str, model: type[BaseModel], shown: Mapping[str, Example]) -> str:
    title = f"`{path}`" if path else "The contract"
    about = " ".join((model.__doc__ or "").split())
    intro = f"\n{_INTRO[path]}\n" if path in _INTRO else ""
    rows = [_key_row(name, field, shown[joined(path, name)]) for name, field in model.model_fields.items()]
    return f"### {title}\n\n{about}\n{intro}\n{_COLUMNS}" + "".join(rows) + "\n"


def _key_row(name: str, field: FieldInfo, example: Example) -> str:
    beside = f" with {_code(example.beside)}" if example.beside else ""
    return _row(f"`{name}`", _type_words(field), _default(field), field.description or "", _code(example.text) + beside)


def _words() -> str:
    words = {path.rpartition(".")[2]: word for path, field in keys().items() if (word := word_of(field))}
    return _WORDS + "".join(_word_row(name, word) for name, word in words.items()) + "\n"


def _word_row(name: str, word: Word) -> str:
    becomes = f"`{word.expect}`" + (f" with `{word.argument}`" if word.argument else "")
    judges = "texts" if word.strings_only else TAKES[word.check_type.columns][1]
    fails = f"`{word.fails}`" if word.fails else "no value"
    return _row(f"`{name}`", becomes, judges, fails if word.check_type.kind == "compiled" else f"{fails}, twice")


def _row(*cells: str) -> str:
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
    """A value as a contract spells it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{text}"' for text in value) + "]"
    if isinstance(value, str) and not re.fullmatch(r"[\w.-]+", value):
        return f"'{value}'"
    return str(value)


def _type_words(field: FieldInfo) -> str:
    metadata = [*field.metadata, *_inner_metadata(field.annotation)]
    if any(map(_is_name, metadata)):
        return "name"
    bounds = _bounds(metadata)
    return f"{_kind_words(field.annotation)}, {bounds}" if bounds else _kind_words(field.annotation)


def _kind_words(kind: Any) -> str:
    """A type in plain words."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return "name" if any(map(_is_name, _flat(arguments[1:]))) else _kind_words(arguments[0])
    if origin is typing.Literal:
        return " · ".join(f"`{value}`" for value in arguments)
    if origin is tuple:
        word = _kind_words(arguments[0])
        return f"list of {_SEVERAL.get(word, word + 's')}"
    if origin is dict:
        return "mapping"
    if origin in (typing.Union, types.UnionType):
        some = [argument for argument in arguments if argument is not type(None)]
        if len(some) > 1:
            return _ANY if bool in some else _ANY_BUT_TRUTH
        return _kind_words(some[0])
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _MAPPING
    return {bool: "boolean", int: "whole number", float: "number", str: "text"}[kind]


_ANY, _ANY_BUT_TRUTH, _MAPPING = "text, number or boolean", "text or number", "mapping (below)"
_SEVERAL = {_ANY: "texts, numbers or booleans", _ANY_BUT_TRUTH: "texts or numbers", _MAPPING: "mappings (below)"}


def _inner_metadata(kind: Any) -> list[Any]:
    """The metadata of `Annotated` inside an optional type."""
    optional = typing.get_args(kind) if typing.get_origin(kind) in (typing.Union, types.UnionType) else ()
    annotated = [argument for argument in optional if typing.get_origin(argument) is typing.Annotated]
    return [part for argument in annotated for part in _flat(typing.get_args(argument)[1:])]


def _flat(metadata: Iterable[Any]) -> list[Any]:
    return [part for each in metadata for part in (each.metadata if isinstance(each, FieldInfo) else [each])]


def _is_name(part: Any) -> bool:
    return str(getattr(part, "pattern", "")).startswith("^[a-z]")


def _bounds(metadata: list[Any]) -> str:
    least = next((part.ge for part in metadata if isinstance(part, at.Ge)), None)
    most = next((part.le for part in metadata if isinstance(part, at.Le)), None)
    if least is not None and most is not None:
        return f"{least} to {most}"
    if least is not None:
        return f"at least {least}"
    return "not empty" if any(isinstance(part, at.MinLen) for part in metadata) else ""


def _refused() -> str:
    faults = all_faults()
    return _REFUSED + "".join(_refusal(rule, text.text, faults[rule]) for rule, text in counterexamples().items())


def _refusal(rule: str, text: str, faults: Sequence[Fault]) -> str:
    title = rule[:1].upper() + rule[1:]
    answer = "\n".join(map(str, faults))
    return f"**{title}**\n\n```yaml\n{text.rstrip()}\n```\n\n```text\n{answer}\n```\n\n"


if __name__ == "__main__":
    print(document(), end="")
