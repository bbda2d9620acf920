"""Before Terraform is asked: who is signed in, where, and what stands there; each refusal says what next."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from deploy_bench import REGION, Console, say_in_environment

from headgate.deploy.account import Absent, Account, aws, signed_in
from headgate.deploy.checkout import Checkout
from headgate.deploy.environment import environment
from headgate.deploy.errors import CannotDeploy
from headgate.errors import UnusableArgument


def test_without_credentials_the_way_to_sign_in_is_said(source: Checkout, nobody: None, console: Console):
    code, said = console("plan", "--env", "dev", source=source)
    assert code == 1
    assert "there are no credentials for AWS" in said and "aws sso login" in said and "AWS_PROFILE" in said


def test_a_profile_that_does_not_exist_is_said(nobody: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    with pytest.raises(CannotDeploy, match="there are no credentials for AWS: The config profile"):
        signed_in(REGION)


def test_credentials_for_another_account_are_refused(source: Checkout, account: Account, console: Console):
    say_in_environment(source, 'allowed_account_ids = ["210987654321",', '  "210987654322"]')
    code, said = console("plan", "--env", "dev", source=source)
    assert code == 1
    assert "allowed_account_ids: these credentials are for account 123456789012" in said
    assert "allowed is 210987654321, 210987654322" in said and "AWS_PROFILE" in said


def test_a_missing_state_bucket_says_how_it_is_made(source: Checkout, somebody: Account, console: Console):
    code, said = console("plan", "--env", "dev", source=source)
    assert code == 1
    assert "account 123456789012: there is no bucket headgate-state-123456789012-eu-west-1" in said
    assert "`make bootstrap REGION=eu-west-1`" in said


def test_a_missing_artifacts_bucket_is_said_before_a_release_is_built(
    source: Checkout, somebody: Account, console: Console
):
    code, said = console("release", "--version", "0.1.0", "--env", "dev", source=source)
    assert code == 1
    assert "there is no bucket headgate-artifacts-123456789012-eu-west-1" in said and "make bootstrap" in said
    assert "Built" not in said


def test_without_a_region_a_release_asks_for_one(source: Checkout, somebody: Account, console: Console):
    code, said = console("release", "--version", "0.1.0", source=source)
    assert code == 2 and "no region is known" in said and "--region" in said and "--env" in said


@pytest.mark.parametrize("name", ["AWS_DEFAULT_REGION", "AWS_REGION"])
def test_the_region_of_aws_settings_counts_where_none_is_named(
    somebody: Account, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.setenv(name, "eu-central-1")
    assert signed_in(None).artifacts_bucket == "headgate-artifacts-123456789012-eu-central-1"


def test_an_unknown_environment_lists_those_there(source: Checkout, console: Console):
    (source.environments / "prod.tfvars").write_text("")
    code, said = console("plan", "--env", "prdo", source=source)
    assert code == 2 and "there is no environment `prdo`" in said and "There are dev, prod." in said


def test_no_environment_at_all_says_where_to_write_one(source: Checkout):
    (source.environments / "dev.tfvars").unlink()
    with pytest.raises(UnusableArgument, match=r"Write <name>\.tfvars there"):
        environment(source, "dev")


def test_an_environment_that_does_not_say_its_region_is_refused(source: Checkout):
    (source.environments / "dev.tfvars").write_text('# region = "eu-west-1"\nrelease = "0.1.0"\n')
    with pytest.raises(UnusableArgument, match=r"dev\.tfvars: says no `region`"):
        _ = environment(source, "dev").region


def test_the_values_of_an_environment_are_read_as_terraform_reads_them(source: Checkout):
    say_in_environment(
        source,
        'artifacts_bucket = "other" // not the usual one',
        "/* allowed_account_ids = []",
        "*/",
        'allowed_account_ids = [ # two',
        '  "111111111111", # first',
        '  "222222222222",',
        "]",
    )  # fmt: skip
    found = environment(source, "dev")
    assert (found.region, found.release, found.lake, found.artifacts_bucket) == ("eu-west-1", "0.1.0", "lake", "other")
    assert found.accounts == ["111111111111", "222222222222"]


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"])
def test_credentials_that_are_not_valid_any_more_are_said(code: str):
    with (
        pytest.raises(CannotDeploy, match=rf"not valid any more, or not at all \({code}\)(?s:.*)aws sso login"),
        aws("x"),
    ):
        raise ClientError({"Error": {"Code": code}}, "GetCallerIdentity")


def test_a_lack_of_rights_names_the_thing_and_the_policies():
    with pytest.raises(CannotDeploy) as refused, aws("bucket"):
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "HeadBucket")
    assert str(refused.value).startswith("bucket: these credentials may not use it (AccessDenied)")
    assert "deploy_policies" in str(refused.value)


def test_what_is_not_there_is_not_a_lack_of_rights():
    with pytest.raises(Absent, match="key: there is no such thing"), aws("key"):
        raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")


def test_anything_else_is_said_in_the_words_of_aws():
    with pytest.raises(CannotDeploy, match=r"AWS refused: (?s:.*)SlowDown"), aws("key"):
        raise ClientError({"Error": {"Code": "SlowDown", "Message": "Reduce your request rate."}}, "PutObject")


def test_a_network_that_is_not_there_is_said():
    with pytest.raises(CannotDeploy, match=r"AWS cannot be asked: (?s:.*)Check the network"), aws("AWS"):
        raise EndpointConnectionError(endpoint_url="there")
