"""The permissions that a call needs, and what a policy allows: the rules by which test_apply.py checks calls."""

from __future__ import annotations

from typing import Any

import pytest
from calls import Call, called
from permissions import Need, keys_of, needs
from policies import allowed
from recorder import Request

ROLE = "arn:aws:iam::123456789012:role/test-job-orders"
HERE = "eu-west-1:123456789012"


def request(service: str, method: str, path: str, query: str = "", body: str = "", **headers: str) -> Request:
    signed = f"AWS4-HMAC-SHA256 Credential=1/20261121/eu-west-1/{service}/aws4_request, SignedHeaders=host"
    named = {"authorization": signed, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Request("apply", method, path, query, named, body.encode())


def call(service: str, operation: str, **parameters: Any) -> Call:
    return Call("apply", service, "eu-west-1", operation, parameters, {})


FORM = {"content_type": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.mark.parametrize(
    ("sent", "operation", "parameters"),
    [
        (request("glue", "POST", "/", body='{"Name": "j"}', x_amz_target="Glue.CreateJob"), "CreateJob", {"Name": "j"}),
        (request("iam", "POST", "/", body="Action=GetRole&RoleName=r", **FORM), "GetRole", {"RoleName": "r"}),
        (request("s3", "HEAD", "/b"), "HeadBucket", {"Bucket": "b"}),
        (request("s3", "GET", "/b/k/l.json", "x-id=GetObject"), "GetObject", {"Bucket": "b", "Key": "k/l.json"}),
        (request("s3", "PUT", "/b/k"), "PutObject", {"Bucket": "b", "Key": "k"}),
        (request("s3", "PUT", "/b/k", "uploadId=1&partNumber=2"), "UploadPart", {"Bucket": "b", "Key": "k"}),
        (request("s3", "PUT", "/b/k", x_amz_copy_source="/b/l"), "CopyObject", {"Bucket": "b", "Key": "k"}),
        (request("s3", "GET", "/b", "list-type=2"), "ListObjectsV2", {"Bucket": "b"}),
        (request("s3", "PUT", "/b", "lifecycle="), "PutBucketLifecycleConfiguration", {"Bucket": "b"}),
        (request("scheduler", "GET", "/schedules/s", "groupName=g"), "GetSchedule", {"Name": "s", "groupName": "g"}),
    ],
)  # fmt: skip
def test_a_request_is_an_operation_of_the_services_model(sent: Request, operation: str, parameters: dict[str, Any]):
    actual = called(sent)
    assert actual.operation == operation
    assert parameters.items() <= actual.parameters.items()


def test_a_request_that_no_operation_fits_is_an_error() -> None:
    with pytest.raises(LookupError, match="scheduler has no PATCH /schedules"):
        called(request("scheduler", "PATCH", "/schedules"))


@pytest.mark.needs("parliament")
@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (call("s3", "HeadBucket", Bucket="b"), ["s3:ListBucket on arn:aws:s3:::b"]),
        (call("s3", "GetObject", Bucket="b", Key="k", versionId="1"),
         ["s3:GetObjectVersion on arn:aws:s3:::b/k"]),
        (call("s3", "GetObject", Bucket="encrypted", Key="k"),
         ["s3:GetObject on arn:aws:s3:::encrypted/k", "kms:Decrypt on the-key"]),
        (call("glue", "GetTable", DatabaseName="d", Name="t"),
         [f"glue:GetTable on arn:aws:glue:{HERE}:{what}" for what in ("database/d", "catalog", "table/d/t")]),
        (call("glue", "CreateJob", Name="j", Role=ROLE, Tags={"a": "b"}),
         [f"glue:CreateJob on arn:aws:glue:{HERE}:job/j", f"glue:TagResource on arn:aws:glue:{HERE}:job/j",
          f"iam:PassRole on {ROLE}"]),
        (call("sqs", "CreateQueue", QueueName="q", tags={"a": "b"}),
         [f"sqs:CreateQueue on arn:aws:sqs:{HERE}:q", f"sqs:TagQueue on arn:aws:sqs:{HERE}:q"]),
        (call("logs", "UntagResource", resourceArn=f"arn:aws:logs:{HERE}:log-group:/test/late"),
         [f"logs:UntagResource on arn:aws:logs:{HERE}:log-group:/test/late"]),
        (call("kms", "DescribeKey", KeyId="alias/test"), ["kms:DescribeKey on arn:aws:kms:eu-west-1:1:key/k"]),
        (call("monitoring", "GetDashboard", DashboardName="test"),
         ["cloudwatch:GetDashboard on arn:aws:cloudwatch::123456789012:dashboard/test"]),
        (call("glue", "GetSecurityConfiguration", Name="c"), ["glue:GetSecurityConfiguration on *"]),
        (call("sts", "GetCallerIdentity"), []),
    ],
)  # fmt: skip
def test_a_call_needs_its_action_on_what_it_names(made: Call, expected: list[str]) -> None:
    keys = {"encrypted": "the-key", "alias/test": "arn:aws:kms:eu-west-1:1:key/k"}
    assert [str(need) for need in needs(made, keys)] == expected


@pytest.mark.needs("parliament")
def test_a_call_that_is_not_an_action_of_iam_must_be_translated() -> None:
    with pytest.raises(LookupError, match=r"AWS has no action s3:HeadBuckets; write into iam_actions\.yaml"):
        list(needs(call("s3", "HeadBuckets", Bucket="b"), {}))


@pytest.mark.needs("parliament")
def test_the_parameter_that_names_a_resource_must_be_known() -> None:
    with pytest.raises(LookupError, match=r"iam_actions\.yaml names no parameter for the job"):
        list(needs(call("glue", "GetJob", Title="j"), {}))


def test_keys_are_known_by_alias_and_by_bucket() -> None:
    encryption = "<KMSMasterKeyID>arn:aws:kms:eu-west-1:1:key/k</KMSMasterKeyID>"
    keys = keys_of([
        call("kms", "CreateAlias", AliasName="alias/test", TargetKeyId="k"),
        call("s3", "PutBucketEncryption", Bucket="b", body=encryption),
    ])  # fmt: skip
    assert keys == {"alias/test": f"arn:aws:kms:{HERE}:key/k", "b": "arn:aws:kms:eu-west-1:1:key/k"}


READ = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/staging/*/"]}
PUT = {**READ, "Action": "s3:PutObject", "Resource": "*", "Condition": {"Null": {"s3:if-none-match": "false"}}}
PASS = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
        "Condition": {"StringEquals": {"iam:PassedToService": ["glue.amazonaws.com"]}}}  # fmt: skip
ATTACH = {
    **PASS,
    "Action": "iam:AttachRolePolicy",
    "Condition": {"ArnLike": {"iam:PolicyARN": "arn:aws:iam::1:policy/a-*"}},
}


@pytest.mark.parametrize(
    ("need", "statement", "expected"),
    [
        (Need("s3:GetObject", "arn:aws:s3:::b/staging/orders/"), READ, True),
        (Need("s3:GetObject", "arn:aws:s3:::b/staging/orders/a.csv"), READ, False),
        (Need("s3:GetObjectVersion", "arn:aws:s3:::b/staging/orders/"), READ, False),
        (Need("s3:GetObject", "arn:aws:s3:::b/staging/orders/"), {**READ, "Effect": "Deny"}, False),
        (Need("s3:PutObject", "x", (("s3:if-none-match", "*"),)), PUT, True),
        (Need("s3:PutObject", "x"), PUT, False),
        (Need("iam:PassRole", ROLE, (("iam:PassedToService", "glue.amazonaws.com"),)), PASS, True),
        (Need("iam:PassRole", ROLE, (("iam:PassedToService", "ec2.amazonaws.com"),)), PASS, False),
        (Need("iam:AttachRolePolicy", ROLE, (("iam:PolicyARN", "arn:aws:iam::1:policy/a-b"),)), ATTACH, True),
        (Need("iam:AttachRolePolicy", ROLE, (("iam:PolicyARN", "arn:aws:iam::aws:policy/Admin"),)), ATTACH, False),
    ],
)  # fmt: skip
def test_a_statement_allows_its_actions_on_its_resources_under_its_conditions(
    need: Need, statement: dict[str, Any], expected: bool
) -> None:
    assert allowed(need, [statement]) is expected
