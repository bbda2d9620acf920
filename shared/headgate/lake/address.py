"""From an address to the lake behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from headgate.errors import UnusableArgument
from headgate.lake.paths import Lake
from headgate.lake.storage import S3Storage, storage

# What a job may say of a lake besides its address, with the defaults.
OPTIONS = {
    "reports": "",
    "database": "data_warehouse_db",
    "prefix": "tbl_",
    "catalog": "",  # hadoop | glue; by default what fits the lake's address
    "catalog_options": "{}",
}


def lake_at(address: str, options: Mapping[str, str] = OPTIONS) -> Lake:
    """The lake at an address: a folder has Iceberg's Hadoop catalog, a bucket the Glue catalog.

    Raises `UnusableArgument` for a catalog that is not known.
    """
    at = storage(address)
    kind = options["catalog"] or ("glue" if isinstance(at, S3Storage) else "hadoop")
    if kind not in ("hadoop", "glue"):
        raise UnusableArgument(f"`--catalog {kind}` is not known", remedy="Use hadoop or glue.")
    return Lake(
        storage=at,
        catalog="glue" if kind == "glue" else "hadoop",
        database=options["database"],
        prefix=options["prefix"],
        reports=storage(options["reports"]) if options["reports"] else None,
        options=json.loads(options["catalog_options"]),
    )
