"""What every part of a contract's model shares: frozen, unknown keys refused, and the types that several keys have."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,127}$")]
DatasetName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Scalar = bool | int | float | str
Sentinel = int | float | str


class Part(BaseModel):
    """A mapping in a contract."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, coerce_numbers_to_str=False)
