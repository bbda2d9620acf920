"""An ordinary role, which is not root, uses the lake's buckets and key by its own IAM rights.

So neither the key's policy nor the bucket's asks for more than IAM's consent: what a first apply by an administrator of
an SSO does with them is not refused by either.
"""

from __future__ import annotations

from headgate.lake.paths import TEMPORARY
from headgate.verify.probe import Probe, require
from headgate.verify.probe_dataset import DATASET
from headgate.verify.probed_lake import ProbedLake

CONTENT = b"put and read by a role that is not root\n"


def _look(lake: ProbedLake) -> str:
    caller = lake.aws.sts.get_caller_identity()["Arn"]
    require(":assumed-role/" in caller, f"the caller is {caller}, not a role: sign in as one, as an administrator does")
    key = lake.aws.kms.describe_key(KeyId=lake.job.names.key_alias)["KeyMetadata"]["Arn"]
    data_key = lake.aws.kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    opened = lake.aws.kms.decrypt(KeyId=key, CiphertextBlob=data_key["CiphertextBlob"])
    require(opened["Plaintext"] == data_key["Plaintext"], "the key decrypts to something else than it has encrypted")
    root = lake.job.lake_root
    path = root.key(f"{TEMPORARY}/{DATASET}/verify-{lake.token}/ordinary.txt")
    lake.write(root.bucket, path, CONTENT)
    head = lake.aws.s3.head_object(Bucket=root.bucket, Key=path)
    found = head.get("SSEKMSKeyId", "no key")
    require(found == key, f"the object is encrypted with {found}, not with {key}")
    require(lake.read(f"s3://{root.bucket}/{path}") == CONTENT, "the object that was read is not what was put")
    lake.remove(root.bucket, path)
    return f"put, read and decrypted with {key} as {caller.rpartition(':')[2]}"


PROBE = Probe(
    name="ordinary-role",
    claim="an ordinary role, not root, uses bucket and key by its IAM rights alone",
    sent="GenerateDataKey and Decrypt with the lake's key; an object put and read without a header of encryption",
    look=_look,
)
