"""The hash of a contract's meaning, which ledgers record: it says under which contract an object was read."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel

# The keys of the first contracts. Their defaults are part of the hash, so the hashes in older ledgers hold.
# A key that came later is hashed only where a contract uses it: an upgrade must not make every object look stale.
_FIRST_KEYS = {
    "Contract": "dataset domain owner description source columns key order skip_when checks at_most allow_empty write "
    "partition_by schema_change retention schedule job serving",
    "Source": "path format read null_texts records explode ignore unreadable query joins",
    "Read": "delimiter quote escape encoding header columns multi_line skip_lines",
    "Join": "to on cardinality",
    "Column": "name type source aliases description required unique minimum maximum pattern enum min_length max_length "
    "otherwise at_most trim formats timezone null_texts sentinels true_texts false_texts round allow_nan derived "
    "classification mask keep_last",
    "ExpectedCheck": "expect kwargs scope otherwise at_most mostly",
    "Ordering": "column direction",
    "Write": "mode format on_vanish",
    "Retention": "quarantine_days runs_days",
    "Schedule": "refine crawler freshness_hours",
    "Job": "worker workers execution timeout_min",
    "Serving": "time dimensions measures distribution_key sort_keys",
}


def fingerprint(contract: BaseModel) -> str:
    """SHA-256 of what the contract says: comments, YAML style and written defaults do not matter."""
    text = json.dumps(_meaning(contract, contract.model_dump(mode="json")), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _meaning(value: Any, dumped: Any) -> Any:
    """The dumped form of a part of the contract, without later keys that have their default."""
    if isinstance(value, BaseModel):
        first = " ".join(_FIRST_KEYS.get(model.__name__, "") for model in type(value).__mro__).split()
        fields = type(value).model_fields.items()
        usual = {name: field.get_default(call_default_factory=True) for name, field in fields}
        names = [name for name in usual if name in first or getattr(value, name) != usual[name]]
        return {name: _meaning(getattr(value, name), dumped[name]) for name in names}
    if isinstance(value, tuple):
        return [_meaning(item, out) for item, out in zip(value, dumped, strict=True)]
    return dumped
