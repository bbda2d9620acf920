"""What a person should know about a contract that can be used: keys that are accepted and have no effect yet."""

from __future__ import annotations

from collections.abc import Iterator

from headgate.contract.model import Contract

NOT_USED_YET = {f"serving.{key}": "dashboards will read it" for key in ("time", "dimensions", "measures")}
"""Key -> what will use it. `headgate check` reports it; a test finds any other key that nothing reads."""


def notes(contract: Contract) -> Iterator[str]:
    """One line for each key of the contract that is checked and not used yet."""
    for key, later in NOT_USED_YET.items():
        part, _, name = key.rpartition(".")
        if name in (getattr(contract, part) if part else contract).model_fields_set:
            yield f"{contract.file}: note: `{key}` is checked and not used yet; {later}."
