"""Which keys have masked the values of a table: a version per domain, kept in the ledger that the table points at."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.lake.ledger import Ledger

KEY_VERSIONS = "key_versions"  # the fact of a ledger that holds them; a publication without masked values has none
_SHOWN = 12  # hexadecimal digits of a version


def key_versions(keys: Mapping[str, bytes]) -> dict[str, str]:
    """The version of each domain's key: the beginning of an HMAC of a fixed text, so it follows from the key alone."""
    return {domain: _version(key) for domain, key in sorted(keys.items())}


def _version(key: bytes) -> str:
    return hmac.new(key, b"headgate key version", hashlib.sha256).hexdigest()[:_SHOWN]


def recorded(ledger: Ledger) -> dict[str, str]:
    """The versions of the keys that masked a table's values; empty where an earlier Headgate has published it."""
    return dict(ledger.facts.get(KEY_VERSIONS, {}))


def require_same_keys(contract: Contract, ledger: Ledger, versions: Mapping[str, str]) -> None:
    """Stop a run that would add values of one key to a table with values of another. Raises `RunFailed`."""
    before = recorded(ledger)
    other = [f"`{d}` from {before[d]} to {now}" for d, now in versions.items() if before.get(d, now) != now]
    if other:
        remedy = (
            f"Was the key rotated? Rebuild every dataset of the domain, this one by `headgate run {contract.dataset} "
            "--full` (docs/RUNBOOK.md, Rotate a masking key). Otherwise restore the former key."
        )
        what = f"the masking key has changed since the table was published: {', '.join(other)}"
        raise RunFailed(what, where=contract.dataset, remedy=remedy)


def keys_of_sources(mart: Contract, sources: Mapping[str, Ledger]) -> dict[str, str]:
    """The versions of the keys that masked what a mart reads, by domain.

    Raises `RunFailed` where two sources were masked with different keys of one domain: their values would not join.
    """
    found: dict[str, tuple[str, str]] = {}
    for source, ledger in sources.items():
        for domain, version in recorded(ledger).items():
            first, known = found.setdefault(domain, (source, version))
            if known != version:
                raise RunFailed(
                    f"its sources were masked with different keys of `{domain}`: "
                    f"`{first}` with {known}, `{source}` with {version}",
                    where=mart.dataset,
                    remedy="Rebuild the one with the former key: `headgate run NAME --full`. Then the mart is built.",
                )
    return {domain: version for domain, (_, version) in found.items()}


def with_versions(facts: Mapping[str, Any], versions: Mapping[str, str]) -> dict[str, Any]:
    """The facts of a ledger with the versions of the keys, if any masked."""
    return {**facts, **({KEY_VERSIONS: dict(versions)} if versions else {})}
