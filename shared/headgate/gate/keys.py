"""Masking keys: from a secret on AWS, from an ignored file of the lake on a laptop. A missing key stops the run."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.lake.paths import KEYS_IGNORED, MASKING_KEYS, Lake

SECRET = "HEADGATE_MASKING_SECRET"  # names the Secrets Manager secret; set by the job


def masking_keys(lake: Lake, contract: Contract, *, first: bool) -> dict[str, bytes]:
    """The key of each domain that the contract classifies: domain to 32 bytes.

    On a laptop a domain's key is made when its dataset is published for the `first` time; later a missing key stops,
    since a new one would break every join with what is already published.
    """
    domains = sorted({column.classification for column in contract.classified if column.classification})
    if not domains:
        return {}
    known = _secret(os.environ[SECRET]) if SECRET in os.environ else _local(lake)
    missing = [domain for domain in domains if domain not in known]
    if missing and SECRET not in os.environ and first and lake.is_local:
        known = {**known, **{domain: secrets.token_hex(32) for domain in missing}}
        _keep(lake, known)
    elif missing:
        place = f"secret `{os.environ[SECRET]}`" if SECRET in os.environ else f"{lake.storage.root}/{MASKING_KEYS}"
        remedy = "Restore the key; a new one would not join with what is published. To start over, use a new lake."
        raise RunFailed(f"no masking key for {', '.join(f'`{d}`' for d in missing)}", where=place, remedy=remedy)
    return {domain: bytes.fromhex(known[domain]) for domain in domains}


def _local(lake: Lake) -> dict[str, str]:
    if not lake.storage.exists(MASKING_KEYS):
        return {}
    return dict(json.loads(lake.storage.read(MASKING_KEYS)))


def _keep(lake: Lake, keys: dict[str, str]) -> None:
    lake.storage.write(MASKING_KEYS, json.dumps(keys, indent=1).encode())
    Path(lake.storage.root, MASKING_KEYS).chmod(0o600)
    lake.storage.write(KEYS_IGNORED, b"*\n")


def _secret(name: str) -> dict[str, str]:
    import boto3

    return dict(json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]))
