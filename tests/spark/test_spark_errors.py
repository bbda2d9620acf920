"""Errors of Spark and AWS, in plain words."""

from __future__ import annotations

import pytest

from bench import Bench
from headgate.errors import RunFailed
from headgate.project import load_project
from headgate.spark.errors import explained


@pytest.mark.parametrize(
    ("raised", "reported"),
    [
        (
            "java.nio.file.AccessDeniedException: s3a://b/k: getFileStatus\nCaused by: Forbidden (Status Code: 403)",
            "AWS refused access: Forbidden (Status Code: 403)",
        ),
        (
            "User: arn:aws:sts::1:assumed-role/x is not authorized to perform: glue:GetTable",
            "AWS refused access: User: arn:aws:sts::1:assumed-role/x is not authorized to perform: glue:GetTable",
        ),
        ("[Errno 13] Permission denied: '/lake'", "the lake cannot be written"),
        ("[Errno 28] No space left on device", "there is no space left"),
        ("something else", "stopped: something else"),
    ],
)
def test_an_error_of_the_machine_is_told_in_a_persons_words(bench: Bench, raised: str, reported: str) -> None:
    bench.contract("orders")
    contract = load_project(bench.root / "contracts", bench.lake).contracts["orders"]
    with pytest.raises(RunFailed) as failed, explained(contract, bench.lake):
        raise OSError(raised)
    assert failed.value.what == reported
    assert "Nothing was published" in failed.value.remedy
