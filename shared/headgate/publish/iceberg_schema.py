"""Two schemas of an Iceberg table, compared by the identity of their columns and fields."""

from __future__ import annotations

from typing import Any


def lost_fields(jvm: Any, then: Any, now: Any) -> list[str]:
    """Columns and fields that a schema had and the present one has not, by identity, name and type.

    Rows of that time would have nulls there. What was added since, also inside nested columns, does not matter.
    """
    indexed = jvm.org.apache.iceberg.types.TypeUtil.indexById(then.asStruct())
    pairs = [(old, now.findField(old.fieldId())) for old in indexed.values()]
    return [f"`{then.findColumnName(old.fieldId())}`" for old, new in pairs if new is None or _changed(old, new)]


def _changed(old: Any, new: Any) -> bool:
    """True when a column or field has another name or type; of a nested one the fields are compared instead."""
    types = old.type(), new.type()
    nested = any(kind.isNestedType() for kind in types)
    same = types[0].typeId() == types[1].typeId() if nested else types[0].toString() == types[1].toString()
    return old.name() != new.name() or not same
