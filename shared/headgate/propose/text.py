"""The proposed contract as YAML, with the reasons as comments."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headgate.propose.proposal import Proposal, ProposedColumn

_WIDE = 64  # where comments begin


def contract_text(proposal: Proposal, *, domain: str, owner: str, path: str) -> str:
    """The contract's YAML; `path` is the folder below staging."""
    return "\n".join(_lines(proposal, domain, owner, path)) + "\n"


def _lines(proposal: Proposal, domain: str, owner: str, path: str) -> Iterator[str]:
    sample = proposal.sample
    yield "# yaml-language-server: $schema=../contract.schema.json"
    yield f"# Proposed by `headgate new` from {sample.seen}. Comments say why; change what is meant otherwise."
    yield f"dataset: {_yaml(proposal.dataset)}"
    yield f"domain: {_yaml(domain)}"
    yield f"owner: {_yaml(owner)}"
    yield f"description: One row per {proposal.dataset.removesuffix('s').replace('_', ' ')}."
    yield from _source(proposal, path)
    yield "columns:"
    yield from _columns(proposal)
    yield from _key(proposal)
    if proposal.order:
        yield _with_comment(f"order: [{{column: {_yaml(proposal.order)}}}]", "the newest row of a key wins")
    if proposal.partition:
        yield f"# partition_by: [{proposal.partition}]   for tables of many millions of rows"
    for note in sample.notes:
        yield f"# {note}"


def _source(proposal: Proposal, path: str) -> Iterator[str]:
    sample = proposal.sample
    yield "source:"
    yield f"  path: {_yaml(path)}"
    yield f"  format: {sample.format}"
    for word, (value, why) in sample.source.items():
        yield _with_comment(f"  {word}: {_yaml(value)}", why)
    if sample.read:
        yield "  read:"
        for word, (value, why) in sample.read.items():
            yield _with_comment(f"    {word}: {_yaml(value)}", why)
    if proposal.null_texts:
        texts = ", ".join(map(_yaml, ["", *proposal.null_texts]))
        yield _with_comment(f"  null_texts: [{texts}]", "seen where there is no value")


def _columns(proposal: Proposal) -> Iterator[str]:
    for column in proposal.columns:
        words: dict[str, Any] = {"name": column.name}
        if column.source != column.name:
            words["source"] = column.source
        words["type"] = column.kind.type
        if column.required:
            words["required"] = True
        words |= column.kind.words
        why = [column.kind.why] if column.kind.why else []
        if column.personal:
            words["classification"] = column.personal.domain
            why.insert(0, f"looks personal ({column.personal.why}), so it is masked")
        if column.kind.misfits:
            refused = ", ".join(f"`{_short(text)}`" for text in _hidden(column, column.kind.misfits))
            why.append(f"refused: {refused}")
        inner = ", ".join(f"{word}: {_yaml(value)}" for word, value in words.items())
        yield _with_comment(f"  - {{{inner}}}", "; ".join(why))


def _hidden(column: ProposedColumn, texts: Sequence[str]) -> Sequence[str]:
    """Values as a comment may show them: of personal data nothing but the shape."""
    if column.personal is None:
        return texts
    return ["".join("9" if c.isdigit() else "a" if c.isalpha() else c for c in text) for text in texts]


def _key(proposal: Proposal) -> Iterator[str]:
    if proposal.key:
        unique = f"no two of {proposal.sample.seen} have the same"
        yield _with_comment(f"key: {_yaml(proposal.key)}", unique)
    else:
        yield "# key: [...]   no column and no pair is different in every row; without a key, rows are appended"


def _with_comment(line: str, comment: str) -> str:
    if not comment:
        return line
    return f"{line.ljust(_WIDE)}  # {comment}".replace("\n", " ")


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 30 else plain[:29] + "…"


def _yaml(value: Any) -> str:
    """A value in YAML's flow style: JSON, without quotes where a plain word needs none."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_yaml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, str):
        plain = value.replace("_", "").isalnum() and value.isascii() and not value[0].isdigit() and value[0] != "_"
        reserved = value.casefold() in ("true", "false", "yes", "no", "null", "on", "off", "y", "n")
        return value if plain and not reserved else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)
