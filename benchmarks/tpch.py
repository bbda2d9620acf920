"""TPC-H's orders, as `tpchgen-cli` makes them: pinned in tools/pins/tpchgen.txt, installed by `make bench`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.pairs import Arm, CannotCompare
from headgate.cache import cache_folder

if TYPE_CHECKING:
    from benchmarks.questions import Bench

_ORDERS_OF_SCALE_1 = 1_500_000
_CONTRACT = """\
dataset: orders
domain: benchmark
owner: nobody@example.org
description: One row per order of TPC-H.
columns:
  - {name: o_orderkey, type: bigint, required: true, minimum: 1}
  - {name: o_custkey, type: bigint, required: true, minimum: 1}
  - {name: o_orderstatus, type: string, enum: [F, O, P]}
  - {name: o_totalprice, type: "decimal(15,2)", minimum: 0}
  - {name: o_orderdate, type: date, required: true, formats: ["yyyy-MM-dd"]}
  - {name: o_orderpriority, type: string, max_length: 15}
  - {name: o_clerk, type: string, pattern: "^Clerk#[0-9]{9}$"}
  - {name: o_shippriority, type: int}
  - {name: o_comment, type: string, max_length: 79}
key: [o_orderkey]
order: [{column: o_orderdate}]
partition_by: [years(o_orderdate)]
"""


def arms(bench: Bench) -> tuple[Arm, Arm]:
    """refine and careful PySpark on TPC-H's orders."""
    contracts = bench.folder / "contracts" / "tpch"
    contracts.mkdir(parents=True, exist_ok=True)
    (contracts / "orders.yaml").write_text(_CONTRACT, encoding="utf-8")
    source = _made(bench.folder / "data", bench.rows / _ORDERS_OF_SCALE_1)
    return Arm("refine", "refine", source, contracts), Arm("careful PySpark", "plain_spark", source, contracts)


def _made(folder: Path, scale: float) -> Path:
    source = folder / f"tpch-{scale:.4f}"
    if not (source / "orders").exists():
        program = Path(os.environ.get("HEADGATE_TPCHGEN") or cache_folder() / "tpchgen" / "bin" / "tpchgen-cli")
        if not program.exists():
            raise CannotCompare(f"tpchgen-cli is not at {program}: `make bench` installs it")
        words = [str(program), "csv", "-s", f"{scale:.4f}", "--tables", "orders", "--output-dir", str(source)]
        subprocess.run(words, check=True, capture_output=True)
        (source / "orders").mkdir()
        (source / "orders.csv").rename(source / "orders" / "orders.csv")
    return source
