"""A domain's masking key: one file or secret each, a version beside the table, and rotation from end to end."""

from __future__ import annotations

import json
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bench import Bench, csv
from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.gate.key_versions import KEY_VERSIONS, key_versions
from headgate.gate.keys import SECRET, SECRETS, masking_keys
from headgate.lake.ledger import read_ledger
from headgate.lake.paths import MASKING_KEYS, Lake, masking_key
from headgate.lake.storage import LocalStorage
from headgate.outcome import Outcome
from headgate.upkeep.rollback import resume, roll_back

PEOPLE = """\
columns:
  - {name: email, type: string, required: true, classification: email}
  - {name: phone, type: string, classification: phone}
key: [email]
"""
VISITS = "columns:\n  - {name: visitor, type: string, classification: email}\n"
MART = """\
source: {query: marts/seen.sql}
columns:
  - {name: email, type: string}
  - {name: visits, type: bigint}
key: [email]
"""
SEEN = "SELECT p.email, count(*) AS visits FROM people p JOIN visits v ON v.visitor = p.email GROUP BY p.email"
JOINED = "SELECT count(*) FROM people p JOIN visits v ON v.visitor = p.email"


@pytest.fixture
def two(bench: Bench) -> Bench:
    """Two datasets of one domain, and a mart that joins them."""
    bench.contract("people", PEOPLE)
    bench.contract("visits", VISITS)
    bench.contract("seen", MART)
    bench.sql("marts/seen.sql", SEEN)
    bench.put("people/a.csv", csv("ann,1", "bob,2", header="email,phone"))
    bench.put("visits/a.csv", csv("ann", "ann", "bob", header="visitor"))
    assert [outcome.status for outcome in bench.run().outcomes.values()] == ["published"] * 3
    return bench


def _rotate(bench: Bench, domain: str) -> str:
    """What docs/RUNBOOK.md types; returns the new key's version."""
    text = secrets.token_hex(32)
    (bench.root / "lake" / masking_key(domain)).write_text(f"{text}\n", encoding="ascii")
    return key_versions({domain: bytes.fromhex(text)})[domain]


def _facts(bench: Bench, outcome: Outcome) -> dict[str, str]:
    return read_ledger(bench.lake.storage, outcome.dataset, outcome.ledger).facts[KEY_VERSIONS]


def test_each_domain_has_a_file_of_its_own_that_only_its_owner_reads_and_git_ignores(two: Bench) -> None:
    keys = two.root / "lake/_keys"
    assert {file.name for file in keys.iterdir()} == {"email.key", "phone.key", ".gitignore"}
    texts = {file.read_text() for file in keys.glob("*.key")}
    assert len(texts) == 2 and all(len(text) == 64 for text in texts)
    assert {stat.S_IMODE(file.stat().st_mode) for file in keys.glob("*.key")} == {0o600}
    assert (keys / ".gitignore").read_text() == "*\n"


def test_the_version_beside_the_table_and_in_the_record_is_that_of_the_key(two: Bench) -> None:
    outcomes = two.runs[-1].outcomes
    key = bytes.fromhex((two.root / "lake" / masking_key("email")).read_text())
    version = key_versions({"email": key})["email"]
    assert _facts(two, outcomes["people"])["email"] == outcomes["people"].key_versions["email"] == version
    assert set(_facts(two, outcomes["people"])) == {"email", "phone"}
    assert _facts(two, outcomes["visits"]) == {"email": version}
    assert _facts(two, outcomes["seen"])["email"] == version  # a mart has that of what it reads
    assert version not in key.hex()


def test_a_rotated_key_is_refused_until_every_dataset_is_rebuilt(two: Bench) -> None:
    before = dict(two.rows("SELECT email, visits FROM seen"))
    was = two.runs[-1].outcomes["people"].key_versions["email"]
    now = _rotate(two, "email")

    two.put("people/b.csv", csv("cid,3", header="email,phone"), arrived=60)
    refused = two.one("people")
    assert refused.status == "failed"
    assert f"`email` from {was} to {now}" in str(refused.error)
    assert "headgate run people --full" in str(refused.error)
    assert two.rows("SELECT count(*) FROM people") == [(2,)]

    assert two.one("people", full=True).status == "published"
    mart = two.one("seen")  # people has the new key, visits the former one
    assert mart.status == "failed"
    assert f"`people` with {now}, `visits` with {was}" in str(mart.error)
    assert dict(two.rows("SELECT email, visits FROM seen")) == before

    assert two.one("visits", full=True).status == "published"
    rebuilt = two.one("seen")
    assert (rebuilt.status, rebuilt.key_versions["email"]) == ("published", now)
    after = dict(two.rows("SELECT email, visits FROM seen"))
    assert sorted(after.values()) == sorted(before.values()) == [1, 2]
    assert not set(after) & set(before)
    assert two.rows(JOINED) == [(3,)]

    two.put("people/c.csv", csv("dee,4", header="email,phone"), arrived=120)
    assert two.one("people").inserted == 1


def test_what_was_published_before_a_rotation_can_be_shown_again_but_not_added_to(two: Bench) -> None:
    _rotate(two, "email")
    two.one("people", full=True)
    contract = two.project().contracts["people"]
    roll_back(two.spark, two.lake, contract)
    assert two.rows(JOINED) == [(3,)]  # visits still has the former key, too
    resume(two.spark, two.lake, contract)
    two.put("people/b.csv", csv("cid,3", header="email,phone"), arrived=60)
    assert "the masking key has changed since the table was published" in str(two.one("people").error)


def test_rotating_one_domain_leaves_the_others_alone(two: Bench) -> None:
    _rotate(two, "phone")
    two.put("visits/b.csv", csv("bob", header="visitor"), arrived=60)
    assert two.one("visits").status == "published"
    assert two.rows(JOINED) == [(4,)]


def test_a_key_that_is_not_one_stops_the_run(two: Bench) -> None:
    (two.root / "lake" / masking_key("email")).write_text("secret")
    two.put("visits/b.csv", csv("bob", header="visitor"), arrived=60)
    outcome = two.one("visits")
    assert "the masking key of `email` must be 64 hexadecimal digits" in str(outcome.error)


def _contract(*domains: str) -> Contract:
    columns = [{"name": f"c_{domain}", "type": "string", "classification": domain} for domain in domains]
    return Contract(dataset="d", domain="d", owner="o", description="x", columns=columns)  # type: ignore[arg-type]


def test_a_key_that_another_process_has_made_meanwhile_is_the_one(tmp_path: Path, monkeypatch: Any) -> None:
    from headgate.gate import keys

    lake, other = Lake(LocalStorage(tmp_path)), "ab" * 32
    (tmp_path / "_keys").mkdir()
    known = keys._file

    def late(at: Lake, domain: str) -> str | None:
        found = known(at, domain)
        (tmp_path / masking_key(domain)).write_text(other)
        return found

    monkeypatch.setattr(keys, "_file", late)
    assert masking_keys(lake, _contract("email"), first=True) == {"email": bytes.fromhex(other)}


class _Secrets:
    """Secrets Manager as boto3 shows it: a secret without a value answers like one that does not exist."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values, self.asked = values, list[str]()

    def get_secret_value(self, SecretId: str) -> dict[str, str]:
        self.asked.append(SecretId)
        if SecretId not in self.values:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "GetSecretValue")
        return {"SecretString": self.values[SecretId]}


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Secrets]:
    import boto3

    found = _Secrets({"lake/masking/email": "ab" * 32 + "\n", "old": json.dumps({"email": "cd" * 32})})
    monkeypatch.setattr(boto3, "client", lambda name: found)
    yield found


def test_on_aws_a_job_asks_only_for_the_secrets_of_its_own_domains(
    stored: _Secrets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRETS, "lake/masking/")
    lake = Lake(LocalStorage(tmp_path))
    assert masking_keys(lake, _contract("email"), first=True) == {"email": b"\xab" * 32}
    assert stored.asked == ["lake/masking/email"]
    with pytest.raises(RunFailed, match=r"secrets `lake/masking/…`: no masking key for `phone`") as error:
        masking_keys(lake, _contract("email", "phone"), first=True)
    assert "SETUP_GUIDE" in error.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_the_one_secret_of_earlier_versions_is_still_read(
    stored: _Secrets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "old")
    assert masking_keys(Lake(LocalStorage(tmp_path)), _contract("email"), first=False) == {"email": b"\xcd" * 32}


def test_the_one_file_of_earlier_versions_is_read_for_domains_without_a_file_of_their_own(tmp_path: Path) -> None:
    lake = Lake(LocalStorage(tmp_path))
    lake.storage.write(MASKING_KEYS, json.dumps({"email": "ab" * 32, "phone": "cd" * 32}).encode())
    lake.storage.write(masking_key("phone"), b"ef" * 32)
    keys = masking_keys(lake, _contract("email", "phone"), first=False)
    assert keys == {"email": b"\xab" * 32, "phone": b"\xef" * 32}
