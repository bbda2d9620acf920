"""What a contract tells the platform and those who read the table: it changes no row."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from headgate.contract.part import ColumnName, Part

FLEX_WORKERS = ("G.1X", "G.2X")  # Glue has the execution class `flex` for these


class Retention(Part):
    """How long things are kept; storage rules on AWS delete them."""

    quarantine_days: int = Field(default=90, ge=1, description="Days that refused rows are kept.")
    runs_days: int = Field(default=400, ge=1, description="Days that run records are kept.")


class Schedule(Part):
    """When the platform runs the dataset; ignored on a laptop."""

    refine: Annotated[str, Field(pattern=r"^(arrival|daily ([01]\d|2[0-3]):[0-5]\d UTC|weekly)$")] = Field(
        default="arrival", description="`arrival` (when a file comes), `daily HH:MM UTC`, or `weekly`."
    )
    crawler: Literal["none", "daily", "weekly"] = Field(
        default="none", description="How often a Glue crawler reads the raw files, so that Athena shows them too."
    )
    freshness_hours: int | None = Field(
        default=None, ge=1, description="Hours without a new publication after which an alarm is raised."
    )


class Job(Part):
    """The Glue job's size; ignored on a laptop."""

    worker: Literal["G.1X", "G.2X", "G.4X", "G.8X"] = Field(default="G.1X", description="Glue's worker type.")
    workers: int = Field(default=2, ge=2, le=100, description="How many workers.")
    execution: Literal["standard", "flex"] = Field(
        default="standard", description="`flex` waits for spare capacity and costs less."
    )
    timeout_min: int = Field(default=30, ge=1, le=2880, description="Minutes after which Glue ends the job.")


class Serving(Part):
    """Whether the warehouse has the table, and hints for it and for dashboards."""

    warehouse: bool = Field(
        default=False,
        description="The warehouse (Redshift) has the table: each publication is exported for it; see "
        "[WAREHOUSE.md](WAREHOUSE.md).",
    )
    time: ColumnName | None = Field(default=None, description="The column that charts use as time.")
    dimensions: tuple[ColumnName, ...] = Field(default=(), description="Columns that charts group by.")
    measures: tuple[ColumnName, ...] = Field(default=(), description="Columns that charts sum up.")
    distribution_key: ColumnName | None = Field(
        default=None, description="Redshift's distribution key; default: chosen from references and key."
    )
    sort_keys: tuple[ColumnName, ...] = Field(
        default=(), description="Redshift's sort keys, in order; default: chosen from partitions and key."
    )
