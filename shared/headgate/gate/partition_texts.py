"""Texts that cannot name a partition: a row with one is refused alone, before it would stop the publication."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from headgate.checks.check import Check, CheckResult
from headgate.columns import OBJECT, REASONS
from headgate.contract.model import Column as Spec
from headgate.contract.model import Contract
from headgate.gate.compile import Compiled

if TYPE_CHECKING:
    from headgate.gate.judged import JudgedRows

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"  # Hive's name for the partition of rows without a value
LONGEST = 255  # bytes of a folder's name
MOST = 0.5  # share of the rows read that may be refused for this before the gate closes

_IDENTITY_OR_TRUNCATE = re.compile(r"^(?:truncate\(\s*(\d+)\s*,\s*(\w+)\s*\)|(\w+))$")
# Characters that one byte becomes three for: Spark's in a Hive path, and Iceberg's, which encodes like a form.
_ESCAPED = {"parquet": r"""[\x00-\x1f\x7f"#%'*/:=?\\{\[\]^]""", "iceberg": r"[^A-Za-z0-9.*_ -]"}


def partition_checks(contract: Contract) -> list[tuple[Check, Compiled]]:
    """A check for each text column that names partitions; masked columns have short texts without odd characters."""
    found = (_IDENTITY_OR_TRUNCATE.match(transform.strip()) for transform in contract.partition_by)
    named = [(match[2] or match[3], int(match[1] or 0)) for match in found if match]
    columns = [(contract.column(name), first) for name, first in named]
    texts = [(spec, first) for spec, first in columns if spec.data_type.kind == "string" and not spec.classification]
    return [(_check(spec, contract), Compiled(F.lit(True), _unfit(spec, first, contract))) for spec, first in texts]


def refused_for_partitions(judged: JudgedRows, refused: DataFrame, results: Sequence[CheckResult]) -> int:
    """How many rows of files that are read are refused for nothing but their partition: the source is not wrong."""
    ids = {check.id for check, _ in partition_checks(judged.gate.contract)}
    reasons = [result.check.reason for result in results if result.check.id in ids and result.unexpected_count]
    if not reasons:
        return 0
    left = refused.where(~F.col(OBJECT).isin(*judged.files.paths)) if judged.files else refused
    return left.where(F.forall(REASONS, lambda reason: reason.isin(*reasons))).count()


def _check(spec: Spec, contract: Contract) -> Check:
    reason = f"{spec.name}: a text that cannot name a partition (empty, too long, or `{NULL_PARTITION}`)"
    otherwise = "stop" if contract.is_mart else "quarantine"
    at_most = None if contract.is_mart else MOST
    return Check(f"{spec.name}.partition", "type", {"column": spec.name}, otherwise, "row", at_most, None, reason)


def _unfit(spec: Spec, first: int, contract: Contract) -> Column:
    """True for a text that the format cannot hold in the name of a folder; `first` characters of it, or all."""
    value = F.substring(F.col(spec.name), 1, first) if first else F.col(spec.name)
    in_hive = contract.write.format == "parquet"
    lost = value.isin("", NULL_PARTITION) | value.contains("\x00") if in_hive else F.lit(False)
    too_long = _too_long(value, LONGEST - len(f"{spec.name}="), _ESCAPED[contract.write.format])
    return F.coalesce(lost | too_long, F.lit(False))


def _too_long(value: Column, most: int, escaped: str) -> Column:
    """True when the text has more than `most` bytes once it is escaped; only long texts are looked at closely."""
    plain = F.regexp_replace(value, escaped, "")
    size = F.octet_length(plain) + 3 * (F.octet_length(value) - F.octet_length(plain))
    return F.when(F.octet_length(value) * 3 > most, size > most).otherwise(False)
