"""The names of the fake account."""

from __future__ import annotations

LAKE, NUMBER, REGION = "river", "111122223333", "eu-west-1"
KEY = f"arn:aws:kms:{REGION}:{NUMBER}:key/of-the-lake"
STAGING, WAREHOUSE, REPORTS, RESULTS, ARTIFACTS = (
    f"{LAKE}-{name}" for name in ("staging", "lake", "reports", "results", "artifacts")
)
