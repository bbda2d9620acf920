"""Which calls of a KMS key a call on something encrypted needs, and what the service tells KMS about it.

By AWS's documentation: "Protecting data with server-side encryption using AWS KMS keys" (S3), "Key management" (SQS and
SNS), "Secret encryption and decryption" (Secrets Manager), "Encrypt log data" (CloudWatch Logs). CloudWatch Logs uses a
key as itself; every other service here uses it in the name of its caller, with that caller's permissions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DECRYPT, DATA_KEY = "kms:Decrypt", "kms:GenerateDataKey"

# What a call needs of the key. HeadObject, which IAM calls `s3:GetObject` too, reads nothing encrypted.
_NEEDS = {
    "s3:GetObject": (DECRYPT,),
    "s3:GetObjectVersion": (DECRYPT,),
    "s3:PutObject": (DATA_KEY,),
    "sqs:SendMessage": (DATA_KEY, DECRYPT),
    "sqs:ReceiveMessage": (DECRYPT,),
    "sns:Publish": (DATA_KEY, DECRYPT),
    "secretsmanager:GetSecretValue": (DECRYPT,),
    "secretsmanager:CreateSecret": (DATA_KEY, DECRYPT),
    "secretsmanager:PutSecretValue": (DATA_KEY, DECRYPT),
    "logs:PutLogEvents": (DATA_KEY,),
    "logs:GetLogEvents": (DECRYPT,),
    "logs:FilterLogEvents": (DECRYPT,),
}
_CONTEXT = {"s3": "aws:s3:arn", "sqs": "aws:sqs:arn", "sns": "aws:sns:topicArn", "secretsmanager": "SecretARN",
            "logs": "aws:logs:arn"}  # fmt: skip


@dataclass(frozen=True)
class KeyUse:
    """A call of a key: action and condition keys. `service` acts in its own name, if it is not empty."""

    action: str
    keys: dict[str, str]
    service: str = ""


def key_uses(action: str, resource: str, region: str, account: str, *, bucket_key: bool = False,
             in_parts: bool = False) -> list[KeyUse]:  # fmt: skip
    """The calls of its key that an action on an encrypted resource needs; empty for an action that needs none.

    With a bucket key, S3 names the bucket instead of the object. A part of an upload needs what was encrypted before
    too.
    """
    service = action.partition(":")[0]
    needed = (*_NEEDS.get(action, ()), *((DECRYPT,) if in_parts and action == "s3:PutObject" else ()))
    context = {f"kms:encryptioncontext:{_CONTEXT[service]}".lower(): _named(resource, bucket_key)} if needed else {}
    if service == "logs":
        return [KeyUse(each, context, f"logs.{region}.amazonaws.com") for each in needed]
    keys = {"kms:viaservice": f"{service}.{region}.amazonaws.com", "kms:calleraccount": account, **context}
    return [KeyUse(each, keys) for each in needed]


def _named(resource: str, bucket_key: bool) -> str:
    """What the encryption context names: of an object under a bucket key its bucket, of a log stream its group."""
    if bucket_key:
        return resource.partition("/")[0]
    return re.sub(r":log-stream:.*$", "", resource)
