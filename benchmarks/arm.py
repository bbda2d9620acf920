"""One measurement in a process of its own: `python -m benchmarks.arm SPEC RESULT`, both files of JSON.

The spec names the contender, the folders of data, contracts and output, and the batches before, which are not measured.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.contract import described
from benchmarks.meter import Meter, bytes_below

WITHOUT_SPARK = ("duckdb_script", "command_line")


def main(spec_file: str, result_file: str) -> None:
    """Do the earlier batches, measure the last one, and write what it cost and what is published."""
    spec = json.loads(Path(spec_file).read_text())
    contender = import_module(f"benchmarks.contenders.{spec['contender']}")
    spark = None
    if spec["contender"] not in WITHOUT_SPARK:
        from headgate.spark.session import local_session

        spark = local_session("benchmark", spec["cores"])
    out, contracts = Path(spec["out"]), Path(spec["contracts"])
    meter = Meter(spark)
    for batch in spec["before"]:
        contender.work(spark, meter, Path(batch), out, contracts)
    before, table = bytes_below(out), bytes_below(_table(out), ".parquet")
    with meter.measure():
        told = contender.work(spark, meter, Path(spec["source"]), out, contracts)
    facts = {**meter.facts, **told, "published": published(out, contracts), "files": files(out)}
    facts["table_bytes"] = bytes_below(_table(out), ".parquet") - table  # by which the table has grown
    facts["lake_bytes"] = bytes_below(out) - before
    Path(result_file).write_text(json.dumps(facts))


def published(out: Path, contracts: Path) -> dict[str, str]:
    """The number of rows, and sums over every column of whole or decimal numbers: contenders must agree in them."""
    if not _table(out).exists():
        return {}
    import duckdb

    from headgate.cli.query import query
    from headgate.lake.address import lake_at

    table = described(contracts)
    columns = ", ".join(f"sum({name})::DECIMAL(38, 2) AS {name}" for name in table.numbers)
    sums = f"SELECT count(*) AS rows, {columns} FROM"
    if (out / "duckdb").exists():
        relation = duckdb.connect().sql(f"{sums} read_parquet('{out}/duckdb/*/*.parquet')")
    else:
        relation = query(f"{sums} {table.name}", lake_at(str(out / "lake")))
    (row,) = relation.fetchall()
    return {name: str(value) for name, value in zip(relation.columns, row, strict=True)}


def files(out: Path) -> dict[str, int]:
    """How many data files each partition of the table has."""
    found: dict[str, int] = {}
    for file in _table(out).rglob("*.parquet"):
        found[file.parent.name] = found.get(file.parent.name, 0) + 1
    return found


def _table(out: Path) -> Path:
    tables = list(out.glob("lake/data-warehouse/data_warehouse_db/tbl_*/data"))
    return tables[0] if tables else out / "duckdb"


if __name__ == "__main__":
    main(*sys.argv[1:3])
