"""Checks before Terraform runs: credentials, region, environment and buckets; each refusal has a remedy."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from deploy_bench import REGION, Console, add_to_environment

from headgate.deploy.account import Absent, Account, aws, signed_in
from headgate.deploy.checkout import Checkout
from headgate.deploy.environment import environment
from headgate.deploy.errors import CannotDeploy
from headgate.errors import UnusableArgument


def test_without_credentials_the_message_explains_how_to_sign_in(source: Checkout, nobody: None, console: Console):
    code, output = console("plan", "--env", "dev", source=source)
    assert code == 1
    assert "no AWS credentials were found" in output and "aws sso login" in output and "AWS_PROFILE" in output


def test_a_profile_that_does_not_exist_is_named(nobody: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    with pytest.raises(CannotDeploy, match="no AWS credentials were found: The config profile"):
        signed_in(REGION)


def test_credentials_for_another_account_are_refused(source: Checkout, account: Account, console: Console):
    add_to_environment(source, 'allowed_account_ids = ["210987654321",', '  "210987654322"]')
    code, output = console("plan", "--env", "dev", source=source)
    assert code == 1
    assert "allowed_account_ids: these credentials are for account 123456789012" in output
    assert "; allowed accounts: 210987654321, 210987654322" in output and "AWS_PROFILE" in output


def test_a_missing_state_bucket_is_refused_with_the_command_that_creates_it(
    source: Checkout, somebody: Account, console: Console
):
    code, output = console("plan", "--env", "dev", source=source)
    assert code == 1
    assert "account 123456789012: there is no bucket headgate-state-123456789012-eu-west-1" in output
    assert "`make bootstrap REGION=eu-west-1`" in output


def test_a_missing_artifacts_bucket_is_reported_before_a_release_is_built(
    source: Checkout, somebody: Account, console: Console
):
    code, output = console("release", "--version", "0.1.0", "--env", "dev", source=source)
    assert code == 1
    assert "there is no bucket headgate-artifacts-123456789012-eu-west-1" in output and "make bootstrap" in output
    assert "Built" not in output


def test_a_release_without_a_region_is_refused(source: Checkout, somebody: Account, console: Console):
    code, output = console("release", "--version", "0.1.0", source=source)
    assert code == 2 and "no AWS region is set" in output and "--region" in output and "--env" in output


@pytest.mark.parametrize("name", ["AWS_DEFAULT_REGION", "AWS_REGION"])
def test_the_region_of_aws_settings_is_the_default(somebody: Account, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "eu-central-1")
    assert signed_in(None).artifacts_bucket == "headgate-artifacts-123456789012-eu-central-1"


def test_an_unknown_environment_lists_the_existing_ones(source: Checkout, console: Console):
    (source.environments / "prod.tfvars").write_text("")
    code, output = console("plan", "--env", "prdo", source=source)
    assert code == 2 and "there is no environment `prdo`" in output and "Use one of: dev, prod." in output


def test_without_any_environment_the_message_says_where_to_create_one(source: Checkout):
    (source.environments / "dev.tfvars").unlink()
    with pytest.raises(UnusableArgument, match=r"Create <name>\.tfvars there"):
        environment(source, "dev")


def test_an_environment_that_does_not_set_its_region_is_refused(source: Checkout):
    (source.environments / "dev.tfvars").write_text('# region = "eu-west-1"\nrelease = "0.1.0"\n')
    with pytest.raises(UnusableArgument, match=r"dev\.tfvars: does not set `region`"):
        _ = environment(source, "dev").region


def test_the_values_of_an_environment_are_read_as_terraform_reads_them(source: Checkout):
    add_to_environment(
        source,
        'artifacts_bucket = "other" // not the usual one',
        "/* allowed_account_ids = []",
        "*/",
        'allowed_account_ids = [ # two',
        '  "111111111111", # first',
        '  "222222222222",',
        "]",
    )  # fmt: skip
    dev = environment(source, "dev")
    assert (dev.region, dev.release, dev.lake, dev.artifacts_bucket) == ("eu-west-1", "0.1.0", "lake", "other")
    assert dev.accounts == ["111111111111", "222222222222"]


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"])
def test_expired_credentials_are_refused_with_how_to_sign_in(code: str):
    with (
        pytest.raises(CannotDeploy, match=rf"have expired or are not valid \({code}\)(?s:.*)aws sso login"),
        aws("x"),
    ):
        raise ClientError({"Error": {"Code": code}}, "GetCallerIdentity")


def test_a_missing_right_names_the_resource_and_the_policies():
    with pytest.raises(CannotDeploy) as refused, aws("bucket"):
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "HeadBucket")
    assert str(refused.value).startswith("bucket: these credentials have no access (AccessDenied)")
    assert "deploy_policies" in str(refused.value)


def test_a_missing_resource_is_not_a_missing_right():
    with pytest.raises(Absent, match="key: AWS has no such resource"), aws("key"):
        raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")


def test_any_other_error_keeps_the_message_of_aws():
    with pytest.raises(CannotDeploy, match=r"AWS refused: (?s:.*)SlowDown"), aws("key"):
        raise ClientError({"Error": {"Code": "SlowDown", "Message": "Reduce your request rate."}}, "PutObject")


def test_an_unreachable_network_is_reported():
    with pytest.raises(CannotDeploy, match=r"AWS cannot be reached: (?s:.*)Check the network"), aws("AWS"):
        raise EndpointConnectionError(endpoint_url="there")
