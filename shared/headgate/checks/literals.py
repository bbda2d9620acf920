"""Values of a contract as Spark literals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F


def literal(value: Any) -> Column:
    """The value as a literal; a time without a zone is UTC, whatever the zone of the machine."""
    if not isinstance(value, datetime):
        return F.lit(value)
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return F.lit(moment.strftime("%Y-%m-%d %H:%M:%S.%f+00:00")).cast("timestamp")
