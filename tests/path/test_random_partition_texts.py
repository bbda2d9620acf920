"""Random hostile texts that name partitions: each is published and read back, or its row is refused with a reason."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from bench import Bench
from depth import at_depth
from headgate.cli.quarantine import refused_rows

BODY = """\
source: {{format: json, null_texts: []}}
columns:
  - {{name: id, type: int, required: true}}
  - {{name: code, type: string}}
write: {{mode: append, format: {form}}}
partition_by: ["{transform}"]
at_most: 0.0
at_most_per_file: 1.0
"""
REASON = "code: a text that cannot name a partition (empty, too long, or `__HIVE_DEFAULT_PARTITION__`)"
HOSTILE = list("/\\ %:=?*'\"#{}[]^+.&_~\t\n\r\x01\x7f\x85\u00a0\u2028é音🎵٣Aa0,;|<>$-")
SHORT = st.text(st.sampled_from(HOSTILE) | st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
LONG = st.builds(
    lambda unit, times: unit * times, st.sampled_from(["a", "%", "é", "音", "🎵", "/x"]), st.integers(20, 300)
)
ODD = st.sampled_from(
    ["", "..", ".", "a/../b", "__HIVE_DEFAULT_PARTITION__", "null", "n\x00l", "%2F", "+", " ", "code=x"]
)
CODES = st.lists(st.none() | SHORT | LONG | ODD, min_size=30, max_size=50, unique=True)
BEFORE = len("code=")
SLOW = (HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large)


def bytes_in_hive(text: str) -> int:
    """The length of the folder's name as Hive's FileUtils.escapePathName writes it."""
    special = [c for c in text if ord(c) < 32 or c in "\x7f\"#%'*/:=?\\{[]^"]
    return BEFORE + len(text.encode()) + 2 * len(special)


def bytes_in_iceberg(text: str) -> int:
    """The same as java.net.URLEncoder writes it."""
    plain = set(string.ascii_letters + string.digits + ".*_- ")
    return BEFORE + sum(1 if c in plain else 3 * len(c.encode()) for c in text)


def is_refused(form: str, text: str | None, first: int) -> bool:
    if text is None:
        return False
    named = text[:first] if first else text
    if form == "iceberg":
        return bytes_in_iceberg(named) > 255
    return named in ("", "__HIVE_DEFAULT_PARTITION__") or "\x00" in named or bytes_in_hive(named) > 255


@pytest.mark.deep
@pytest.mark.parametrize(("form", "first"), [("iceberg", 0), ("iceberg", 4), ("parquet", 0)])
def test_a_text_comes_back_or_its_row_is_refused(spark: SparkSession, tmp_path: Path, form: str, first: int) -> None:
    @given(CODES)
    @settings(max_examples=at_depth(15, 2), deadline=None, phases=[Phase.generate], suppress_health_check=SLOW)
    def comes_back(codes: list[Any]) -> None:
        bench = Bench(spark, tmp_path / str(len([*tmp_path.iterdir()])))
        bench.root.mkdir()
        transform = f"truncate({first}, code)" if first else "code"
        bench.contract("codes", BODY.format(form=form, transform=transform))
        lines = [json.dumps({"id": at, "code": code}) for at, code in enumerate(["always", *codes])]
        bench.put("codes/a.json", "\n".join(lines))
        outcome = bench.one("codes")
        refused = {at: code for at, code in enumerate(codes, 1) if is_refused(form, code, first)}
        if len(refused) > (len(codes) + 1) / 2:
            assert outcome.status == "closed"
            return
        assert outcome.status == "published", outcome.error
        wanted = {at: code for at, code in enumerate(["always", *codes]) if at not in refused}
        assert dict(bench.rows("SELECT id, code FROM codes")) == wanted
        assert outcome.quarantined == len(refused)
        if refused:
            rows = refused_rows(bench.lake, "codes")
            assert {int(row.values["id"]): row.values["code"] for row in rows} == refused
            assert {reason for row in rows for reason in row.reasons} == {REASON}

    comes_back()
