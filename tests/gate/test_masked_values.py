"""What a classified value looks like when it is written."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from headgate.contract.model import Column
from headgate.errors import RunFailed
from headgate.gate.mask import masked
from tables import assert_table, table

KEYS = {"email": b"a key of the email domain"}


def hmac_of(text: str) -> str:
    """RFC 2104 with SHA-256, computed without Spark."""
    return hmac.new(KEYS["email"], text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("mask", "written"),
    [
        ({}, ["ann@example.org", "bo", "", None]),
        ({"classification": "email"}, [hmac_of("ann@example.org"), hmac_of("bo"), hmac_of(""), None]),
        ({"classification": "email", "mask": "redact"}, ["[redacted]", "[redacted]", "[redacted]", None]),
        ({"classification": "email", "mask": "partial", "keep_last": 3}, ["****org", "****", "****", None]),
    ],
)
def test_a_value_is_written_as_its_column_is_classified(
    spark: SparkSession, mask: dict[str, object], written: list[str | None]
) -> None:
    column = Column(name="mail", type="string", **mask)  # type: ignore[arg-type]
    came = table(spark, "n int, mail string", (0, "ann@example.org"), (1, "bo"), (2, ""), (3, None))
    hidden = came.select("n", masked(F.col("mail"), column, KEYS).alias("mail"))
    assert_table(hidden, "n int, mail string", *enumerate(written))


def test_a_number_is_hashed_as_its_text(spark: SparkSession) -> None:
    column = Column(name="card", type="bigint", classification="email")
    hidden = table(spark, "card bigint", (42,)).select(masked(F.col("card"), column, KEYS).alias("card"))
    assert_table(hidden, "card string", (hmac_of("42"),))


def test_a_domain_without_a_key_stops_the_run(spark: SparkSession) -> None:
    column = Column(name="name", type="string", classification="person")
    with pytest.raises(RunFailed, match="no masking key for the classification `person`"):
        masked(F.col("name"), column, KEYS)
