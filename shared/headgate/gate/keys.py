"""Masking keys, one for each domain: from secrets on AWS, from files that git ignores on a laptop. A missing key stops.

A key is 32 bytes, stored as 64 hexadecimal digits. Lakes of earlier versions have one JSON document for all domains
(`_keys/masking.json`, or one secret); it is read for the domains that have no key of their own.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.lake.paths import KEYS_IGNORED, MASKING_KEYS, Lake, masking_key

SECRETS = "HEADGATE_MASKING_KEYS"  # how the names of the domains' secrets begin; set by the job
SECRET = "HEADGATE_MASKING_SECRET"  # the older way: the name of one secret with all keys
_KEY = re.compile(r"[0-9a-fA-F]{64}")


def masking_keys(lake: Lake, contract: Contract, *, first: bool) -> dict[str, bytes]:
    """The key of each domain that the contract classifies: domain to 32 bytes.

    On a laptop a domain's key is made when its dataset is published for the `first` time; later a missing key stops,
    since a new one would break every join with what is already published.
    """
    domains = sorted({column.classification for column in contract.classified if column.classification})
    known = _known(lake, domains)
    missing = [domain for domain in domains if domain not in known]
    if missing and first and lake.is_local and not _on_aws():
        known |= {domain: _make(lake, domain) for domain in missing}
    elif missing:
        raise _missing(lake, missing)
    return {domain: _usable(domain, known[domain]) for domain in domains}


def _on_aws() -> bool:
    return SECRETS in os.environ or SECRET in os.environ


def _known(lake: Lake, domains: Iterable[str]) -> dict[str, str]:
    """The keys of the domains that have one, as texts."""
    if SECRET in os.environ:
        return dict(json.loads(_secret(os.environ[SECRET]) or "{}"))
    if SECRETS in os.environ:
        found = {domain: _secret(os.environ[SECRETS] + domain) for domain in domains}
    else:
        found = {domain: _file(lake, domain) for domain in domains}
    return {domain: text for domain, text in found.items() if text is not None}


def _file(lake: Lake, domain: str) -> str | None:
    if lake.storage.exists(masking_key(domain)):
        return lake.storage.read(masking_key(domain)).decode()
    if lake.storage.exists(MASKING_KEYS):
        return json.loads(lake.storage.read(MASKING_KEYS)).get(domain)
    return None


def _make(lake: Lake, domain: str) -> str:
    """A new key, or the one that another process has made meanwhile."""
    target = Path(lake.storage.root, masking_key(domain))
    lake.storage.write(KEYS_IGNORED, b"*\n")
    try:
        with open(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return target.read_text(encoding="ascii")


def _usable(domain: str, text: str) -> bytes:
    if not _KEY.fullmatch(text.strip()):
        remedy = "Write a key as `openssl rand -hex 32` makes it; restore the former one if values are published."
        raise RunFailed(f"the masking key of `{domain}` must be 64 hexadecimal digits", remedy=remedy)
    return bytes.fromhex(text.strip())


def _missing(lake: Lake, domains: Iterable[str]) -> RunFailed:
    if SECRET in os.environ:
        place = f"secret `{os.environ[SECRET]}`"
    elif SECRETS in os.environ:
        place = f"secrets `{os.environ[SECRETS]}…`"
    else:
        place = f"{lake.storage.root}/{Path(MASKING_KEYS).parent}/"
    remedy = (
        "If nothing was published with it, make one (docs/SETUP_GUIDE.md, Masking keys). Otherwise restore it: a new "
        "key would not join with what is published."
    )
    return RunFailed(f"no masking key for {', '.join(f'`{d}`' for d in domains)}", where=place, remedy=remedy)


def _secret(name: str) -> str | None:
    """A secret's text; None where there is none yet."""
    import boto3
    from botocore.exceptions import ClientError

    try:
        return str(boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None
