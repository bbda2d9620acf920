"""What the emulator's calls are judged by, each with a fault on purpose: keys, trust, boundaries, services."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from rehearsal_bench import AccountBench, allow, await_true, make_role, policy

from rehearsal.account import ACCOUNT, REGION

pytestmark = pytest.mark.needs("ministack")

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/one"
EVERYTHING = [allow(["*"], ["*"])]
DATA = ["kms:Decrypt", "kms:GenerateDataKey"]
NO_KMS = [{"Effect": "Allow", "NotAction": "kms:*", "Resource": "*"}]


def clients(account: AccountBench, role: str, session: str = "test") -> Callable[[str], Any]:
    taken = account.emulator.client("sts").assume_role(RoleArn=role, RoleSessionName=session)["Credentials"]
    return lambda service: boto3.client(
        service,
        endpoint_url=account.emulator.endpoint,
        region_name=REGION,
        aws_access_key_id=taken["AccessKeyId"],
        aws_secret_access_key=taken["SecretAccessKey"],
        aws_session_token=taken["SessionToken"],
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )


def caller(account: AccountBench, name: str, statements: list[Any], **trust: Any) -> Callable[[str], Any]:
    """Clients of a new role."""
    return clients(account, make_role(account.iam, name, trust or {"AWS": ROOT}, statements))


def key(account: AccountBench, *statements: dict[str, Any]) -> str:
    """A key whose policy has these statements; with none, it leaves the choice to IAM."""
    given = statements or (dict(allow(["kms:*"], ["*"]), Principal={"AWS": ROOT}),)
    return account.emulator.client("kms").create_key(Policy=policy(list(given)))["KeyMetadata"]["Arn"]


def bucket(account: AccountBench, name: str, arn: str, *, bucket_key: bool = True) -> str:
    account.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bucket_key}
    account.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    return name


def refused(call: Callable[[], Any]) -> str:
    """The text of the refusal. Fails where the call is allowed."""
    with pytest.raises(ClientError) as caught:
        call()
    assert "AccessDenied" in caught.value.response["Error"]["Code"], caught.value
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "statements", "allowed"),
    [
        ("iam-decides", [dict(allow(["kms:*"], ["*"]), Principal={"AWS": ROOT})], True),
        # As modules/storage/key.tf was: only roles of a name. Nobody else could write the first object.
        (
            "other-names",
            [
                dict(
                    allow(["kms:*"], ["*"]),
                    Principal={"AWS": ROOT},
                    Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/lake-*"}},
                )
            ],
            False,
        ),
        (
            "another-service",
            [
                dict(
                    allow(["kms:*"], ["*"]),
                    Principal={"AWS": ROOT},
                    Condition={"StringEquals": {"kms:ViaService": f"sqs.{REGION}.amazonaws.com"}},
                )
            ],
            False,
        ),
        (
            "this-service",
            [
                dict(
                    allow(["kms:*"], ["*"]),
                    Principal={"AWS": ROOT},
                    Condition={"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}},
                )
            ],
            True,
        ),
        (
            "its-bucket",
            [
                dict(
                    allow(["kms:*"], ["*"]),
                    Principal={"AWS": ROOT},
                    Condition={"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::its-bucket"}},
                )
            ],
            True,
        ),
        (
            "not-its-bucket",
            [
                dict(
                    allow(["kms:*"], ["*"]),
                    Principal={"AWS": ROOT},
                    Condition={"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::b"}},
                )
            ],
            False,
        ),
    ],
)
def test_an_object_is_written_and_read_only_with_the_consent_of_its_key(
    account: AccountBench, name: str, statements: list[Any], allowed: bool
) -> None:
    s3 = caller(account, f"admin-{name}", EVERYTHING)("s3")
    bucket(account, name, key(account, *statements))
    put = {"Bucket": name, "Key": "a", "Body": b"-"}
    if allowed:
        s3.put_object(**put)
        assert s3.get_object(Bucket=name, Key="a")["Body"].read() == b"-"
    else:
        assert "kms:GenerateDataKey" in refused(lambda: s3.put_object(**put))
        account.s3.put_object(**put)
        assert "kms:Decrypt" in refused(lambda: s3.get_object(Bucket=name, Key="a"))
        s3.head_object(Bucket=name, Key="a")  # reads nothing that is encrypted


def test_where_the_key_leaves_it_to_iam_the_caller_needs_a_policy_for_it(account: AccountBench) -> None:
    bucket(account, "no-kms", key(account))
    s3 = caller(account, "without-kms", NO_KMS)("s3")
    assert "no identity-based policy" in refused(lambda: s3.put_object(Bucket="no-kms", Key="a", Body=b"-"))


def test_a_part_of_an_upload_needs_what_was_encrypted_before_too(account: AccountBench) -> None:
    bucket(account, "parts", key(account))
    s3 = caller(account, "no-decrypt", [*NO_KMS, allow(["kms:GenerateDataKey"], ["*"])])("s3")
    s3.put_object(Bucket="parts", Key="whole", Body=b"-")
    assert "kms:Decrypt" in refused(lambda: s3.create_multipart_upload(Bucket="parts", Key="a"))


def test_without_a_bucket_key_s3_names_the_object(account: AccountBench) -> None:
    named = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::by-object/a"}}
    bucket(account, "by-object", key(account), bucket_key=False)
    s3 = caller(account, "one-object", [*NO_KMS, dict(allow(DATA, ["*"]), Condition=named)])("s3")
    s3.put_object(Bucket="by-object", Key="a", Body=b"-")
    refused(lambda: s3.put_object(Bucket="by-object", Key="b", Body=b"-"))


def test_a_message_is_sent_and_received_only_with_the_right_to_the_queues_key(account: AccountBench) -> None:
    sqs = account.emulator.client("sqs")
    url = sqs.create_queue(QueueName="sealed", Attributes={"KmsMasterKeyId": key(account)})["QueueUrl"]
    without, decrypting = (
        caller(account, name, statements)("sqs")
        for name, statements in (("sends", NO_KMS), ("receives", [*NO_KMS, allow(["kms:Decrypt"], ["*"])]))
    )
    assert "kms:GenerateDataKey" in refused(lambda: without.send_message(QueueUrl=url, MessageBody="a"))
    assert "kms:Decrypt" in refused(lambda: without.receive_message(QueueUrl=url))
    decrypting.receive_message(QueueUrl=url)
    refused(lambda: decrypting.send_message(QueueUrl=url, MessageBody="a"))


def test_a_secret_is_read_only_with_the_right_to_its_key(account: AccountBench) -> None:
    secrets = account.emulator.client("secretsmanager")
    secrets.create_secret(Name="sealed", SecretString="s", KmsKeyId=key(account))
    secrets.create_secret(Name="of-aws", SecretString="s")
    reader = caller(account, "reader", NO_KMS)("secretsmanager")
    assert "kms:Decrypt" in refused(lambda: reader.get_secret_value(SecretId="sealed"))
    reader.get_secret_value(SecretId="of-aws")


def test_logs_are_written_only_where_the_key_lets_cloudwatch_logs_use_it(account: AccountBench) -> None:
    groups = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/mine/*"
    statement = dict(
        allow(["kms:*"], ["*"]),
        Principal={"Service": f"logs.{REGION}.amazonaws.com"},
        Condition={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    )
    arn, logs = key(account, statement), caller(account, "writer", EVERYTHING)("logs")
    for group in ("/mine/a", "/yours/a"):
        account.logs.create_log_group(logGroupName=group, kmsKeyId=arn)
        logs.create_log_stream(logGroupName=group, logStreamName="s")
    given = {"logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "m"}]}
    logs.put_log_events(logGroupName="/mine/a", **given)
    refused(lambda: logs.put_log_events(logGroupName="/yours/a", **given))
    by = {call["via"] for call in account.calls() if call["action"] == "kms:GenerateDataKey" and call["role"] == ""}
    assert by == {f"logs.{REGION}.amazonaws.com"}


def test_a_boundary_and_a_buckets_policy_narrow_what_a_role_may(account: AccountBench) -> None:
    arn = account.iam.create_policy(
        PolicyName="edge", PolicyDocument=policy([allow(["s3:*"], ["arn:aws:s3:::code/in*"])])
    )
    make_role(account.iam, "bounded", {"AWS": ROOT}, EVERYTHING)
    account.iam.put_role_permissions_boundary(RoleName="bounded", PermissionsBoundary=arn["Policy"]["Arn"])
    s3 = clients(account, f"arn:aws:iam::{ACCOUNT}:role/bounded")("s3")
    s3.put_object(Bucket="code", Key="in/a", Body=b"-")
    assert "permissions boundary" in refused(lambda: s3.put_object(Bucket="code", Key="out/a", Body=b"-"))
    denies = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::code/in/shut"}
    account.s3.put_bucket_policy(Bucket="code", Policy=policy([denies]))
    assert "denies" in refused(lambda: s3.put_object(Bucket="code", Key="in/shut", Body=b"-"))
    account.s3.delete_bucket_policy(Bucket="code")


def test_a_role_is_taken_only_by_whom_its_trust_and_policies_let(account: AccountBench) -> None:
    """A trust that names the account leaves it to the caller's policies; one that names somebody else never helps."""
    trusting = make_role(account.iam, "trusting", {"AWS": ROOT}, [])
    closed = make_role(account.iam, "closed", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/somebody"}, [])
    may, may_not = (
        caller(account, name, [allow(what, ["*"])])("sts")
        for name, what in (("may-take", ["sts:AssumeRole"]), ("may-not", ["s3:*"]))
    )
    may.assume_role(RoleArn=trusting, RoleSessionName="test")
    assert "no identity-based policy" in refused(lambda: may_not.assume_role(RoleArn=trusting, RoleSessionName="test"))
    assert "resource's policy" in refused(lambda: may.assume_role(RoleArn=closed, RoleSessionName="test"))


@pytest.mark.parametrize(
    ("service", "operator", "trusted"),
    [
        ("glue.amazonaws.com", "StringEquals", False),  # nothing promises that Glue sends the account
        ("glue.amazonaws.com", "StringEqualsIfExists", True),
        ("states.amazonaws.com", "StringEquals", True),
    ],
)
def test_a_service_takes_a_role_only_with_what_its_documentation_promises_to_send(
    account: AccountBench, service: str, operator: str, trusted: bool
) -> None:
    name = f"{service.partition('.')[0]}-{operator}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        "Condition": {operator: {"aws:SourceAccount": ACCOUNT}},
    }
    account.iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy([statement]))
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    if service.startswith("glue"):
        account.iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy(EVERYTHING))
        account.job(name, "print(1)", Role=arn)
        run = account.ended(name, account.start(name))
        assert (run["JobRunState"] == "SUCCEEDED") is trusted, run.get("ErrorMessage")
    else:
        machine = account.sfn.create_state_machine(name=name, roleArn=arn, definition=PASS)["stateMachineArn"]
        assert (account.execution(machine)["status"] == "SUCCEEDED") is trusted


PASS = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})


def test_a_passed_role_needs_the_right_to_pass_it_to_that_service(account: AccountBench) -> None:
    to_glue = dict(
        allow(["iam:PassRole"], ["*"]), Condition={"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}
    )
    given = {"Name": "passed", "Role": f"arn:aws:iam::{ACCOUNT}:role/job", "Command": {"Name": "glueetl"}}
    allowed = caller(account, "passes", [allow(["glue:*", "states:*"], ["*"]), to_glue])
    not_allowed = caller(account, "passes-not", [allow(["glue:*"], ["*"])])
    assert "iam:PassRole" in refused(lambda: not_allowed("glue").create_job(**given))
    allowed("glue").create_job(**given)
    machine = {"name": "passed", "roleArn": f"arn:aws:iam::{ACCOUNT}:role/machine", "definition": PASS}
    assert "iam:PassRole" in refused(lambda: allowed("stepfunctions").create_state_machine(**machine))


def test_each_role_of_a_rules_targets_is_passed_on_to_eventbridge(account: AccountBench) -> None:
    mine, yours = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("job", "machine"))
    pass_mine = dict(
        allow(["iam:PassRole"], [mine]), Condition={"StringEquals": {"iam:PassedToService": "events.amazonaws.com"}}
    )
    events = caller(account, "makes-rules", [allow(["events:*"], ["*"]), pass_mine])("events")
    events.put_rule(Name="passes", EventPattern='{"source": ["nobody"]}')
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:one"
    one, two = ({"Id": name, "Arn": machine, "RoleArn": role} for name, role in (("one", mine), ("two", yours)))
    events.put_targets(Rule="passes", Targets=[one])
    assert yours in refused(lambda: events.put_targets(Rule="passes", Targets=[one, two]))
    events.put_targets(Rule="passes", Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"}])


def test_a_call_of_a_state_machine_is_refused_at_once(account: AccountBench) -> None:
    may = policy([allow(["sqs:PurgeQueue"], [f"arn:aws:sqs:{REGION}:{ACCOUNT}:mine"])])
    account.iam.put_role_policy(RoleName="machine", PolicyName="all", PolicyDocument=may)
    sqs = account.emulator.client("sqs")
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("mine", "yours")}
    for name, status in (("mine", "SUCCEEDED"), ("yours", "FAILED")):
        task = {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sqs:purgeQueue",
            "Arguments": {"QueueUrl": urls[name]},
        }
        ended = account.execution(account.machine(f"purge-{name}", task))
        assert ended["status"] == status, ended
    refusals = [call for call in account.calls() if call["role"] == "machine" and call["status"] == 403]
    assert {(call["action"], call["judged"]) for call in refusals} == {("sqs:PurgeQueue", "identity")}


def test_a_table_is_judged_with_its_database_and_its_catalog_at_once(account: AccountBench) -> None:
    glue = f"arn:aws:glue:{REGION}:{ACCOUNT}"
    account.glue.create_database(DatabaseInput={"Name": "d"})
    account.glue.create_table(DatabaseName="d", TableInput={"Name": "t"})
    only = caller(account, "only-table", [allow(["glue:GetTable"], [f"{glue}:table/d/t"])])("glue")
    every = caller(
        account,
        "whole-path",
        [allow(["glue:GetTable"], [f"{glue}:table/d/t", f"{glue}:database/d", f"{glue}:catalog"])],
    )
    assert "database/d" in refused(lambda: only.get_table(DatabaseName="d", Name="t"))
    every("glue").get_table(DatabaseName="d", Name="t")


@pytest.fixture
def arrivals(account: AccountBench, request: pytest.FixtureRequest) -> Iterator[Callable[[dict[str, Any]], int]]:
    """Delivers an event by a rule to a queue with a policy; answers with the number of messages there."""
    sqs, events, name = account.emulator.client("sqs"), account.emulator.client("events"), "one"
    url = sqs.create_queue(QueueName=f"arrivals-{abs(hash(request.node.name))}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def deliver(statement: dict[str, Any]) -> int:
        told = policy([{**statement, "Resource": arn}])
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": told})
        events.put_rule(Name=name, EventPattern=json.dumps({"source": ["test"]}))
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
        before = len(_of_services(account))
        events.put_events(Entries=[{"Source": "test", "DetailType": "d", "Detail": "{}"}])
        await_true(lambda: len(_of_services(account)) > before, 10)
        got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
        return len(got)

    yield deliver
    events.remove_targets(Rule=name, Ids=["queue"])


def _of_services(account: AccountBench) -> list[dict[str, Any]]:
    return [call for call in account.calls() if call["via"] == "events.amazonaws.com"]


@pytest.mark.parametrize(
    ("principal", "action", "refusal"),
    [
        ("events.amazonaws.com", "states:StartExecution", ""),
        ("events.amazonaws.com", "states:StopExecution", "states:StartExecution"),
        ("scheduler.amazonaws.com", "states:StartExecution", "sts:AssumeRole"),
    ],
)
def test_a_rule_starts_a_machine_only_with_a_role_that_trusts_it_and_may(
    account: AccountBench, principal: str, action: str, refusal: str
) -> None:
    events, name = account.emulator.client("events"), f"started-{principal.partition('.')[0]}-{action[-14:]}"
    machine = account.machine(name, {"Type": "Succeed"})
    role = account.role(f"of-{name}", principal, [allow([action], [machine])])
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    events.put_targets(Rule=name, Targets=[{"Id": "machine", "Arn": machine, "RoleArn": role}])
    before = len(account.calls())
    events.put_events(Entries=[{"Source": name, "DetailType": "d", "Detail": "{}"}])
    await_true(lambda: any(_of_start(call) for call in account.calls()[before:]), 10)
    calls = [call for call in account.calls()[before:] if _of_start(call)]
    assert [call["action"] for call in calls if call["status"] == 403] == [refusal][: bool(refusal)]
    started = account.sfn.list_executions(stateMachineArn=machine)["executions"]
    assert len(started) == (0 if refusal else 1)
    events.remove_targets(Rule=name, Ids=["machine"])


def _of_start(call: dict[str, Any]) -> bool:
    return call["action"] in ("states:StartExecution", "sts:AssumeRole")


@pytest.mark.parametrize(("rule", "expected"), [("one", 1), ("other", 0)])
def test_a_rule_delivers_only_to_a_queue_that_lets_it(
    account: AccountBench, arrivals: Callable[[dict[str, Any]], int], rule: str, expected: int
) -> None:
    condition = {"ArnEquals": {"aws:SourceArn": RULE.replace("/one", f"/{rule}")}}
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Condition": condition,
    }
    assert arrivals(statement) == expected
    assert _of_services(account)[-1]["judged"] == ("allowed" if expected else "resource")
