"""Which calls of a key a call on something encrypted needs, and what the service tells KMS."""

from __future__ import annotations

import pytest

from rehearsal.iam.encryption import key_uses

GROUP = "arn:aws:logs:eu-west-1:1:log-group:/lake/glue/output"


def _actions(action: str, resource: str = "arn:aws:s3:::b/k", **more: bool) -> list[str]:
    return [use.action for use in key_uses(action, resource, "eu-west-1", "1", **more)]


@pytest.mark.parametrize(
    ("action", "more", "expected"),
    [
        ("s3:GetObject", {}, ["kms:Decrypt"]),
        ("s3:PutObject", {}, ["kms:GenerateDataKey"]),
        ("s3:PutObject", {"in_parts": True}, ["kms:GenerateDataKey", "kms:Decrypt"]),
        ("s3:ListBucket", {}, []),
        ("s3:DeleteObject", {}, []),
        ("sqs:SendMessage", {}, ["kms:GenerateDataKey", "kms:Decrypt"]),
        ("sqs:ReceiveMessage", {}, ["kms:Decrypt"]),
        ("sqs:DeleteMessage", {}, []),
        ("sns:Publish", {}, ["kms:GenerateDataKey", "kms:Decrypt"]),
    ],
)
def test_a_call_needs_the_key_as_its_service_documents(action: str, more: dict[str, bool], expected: list[str]) -> None:
    assert _actions(action, **more) == expected


@pytest.mark.parametrize(("bucket_key", "named"), [(False, "arn:aws:s3:::b/k"), (True, "arn:aws:s3:::b")])
def test_s3_names_the_object_or_with_a_bucket_key_the_bucket(bucket_key: bool, named: str) -> None:
    (use,) = key_uses("s3:GetObject", "arn:aws:s3:::b/k", "eu-west-1", "1", bucket_key=bucket_key)
    assert use.keys == {
        "kms:viaservice": "s3.eu-west-1.amazonaws.com",
        "kms:calleraccount": "1",
        "kms:encryptioncontext:aws:s3:arn": named,
    }


def test_cloudwatch_logs_uses_the_key_as_itself_for_the_group() -> None:
    (use,) = key_uses("logs:PutLogEvents", f"{GROUP}:log-stream:s", "eu-west-1", "1")
    assert (use.service, use.keys) == ("logs.eu-west-1.amazonaws.com", {"kms:encryptioncontext:aws:logs:arn": GROUP})
