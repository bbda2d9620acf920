"""What a person's or a deployer's role must not do, tried in its name: each attempt must be refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from headgate.errors import RunFailed
from headgate.lake import paths
from rehearsal.account import REGION, EmulatedAccount
from rehearsal.walk.executions import ended, machine_arn, start
from rehearsal.walk.queries import Clients, clients_of

_REFUSED = ("AccessDenied", "AccessDeniedException")


@dataclass(frozen=True)
class Attempt:
    """A call that a role must not make."""

    role: str
    what: str
    call: Callable[[], object]


def attempts(account: EmulatedAccount, outputs: Mapping[str, Any]) -> Iterator[Attempt]:
    """Every attempt, in the name of the roles that Terraform created."""
    buckets, lake = outputs["buckets"], outputs["lake"]
    mine = f"s3://{buckets['staging']}/staging/mine.zip"
    artifacts = f"headgate-artifacts-{lake['account_id']}-{lake['region']}"
    some_job, machine = sorted(outputs["jobs"].values())[0], f"{lake['name']}-run-job"
    for role in ("analyst", "operator", "engineer"):
        clients = clients_of(account, outputs["roles"][role])
        for bucket, key in _objects(role, buckets):
            yield Attempt(
                role, f"read {bucket}/{key}", lambda c=clients, b=bucket, k=key: c("s3").get_object(Bucket=b, Key=k)
            )
        for bucket, key in _written(buckets):
            yield Attempt(
                role, f"write {bucket}/{key}", lambda c=clients, b=bucket, k=key: c("s3").put_object(Bucket=b, Key=k)
            )
        code = {"--extra-py-files": mine}
        yield Attempt(
            role, f"start {some_job} with other code",
            lambda c=clients, given=code: c("glue").start_job_run(JobName=some_job, Arguments=given),
        )  # fmt: skip
        yield Attempt(
            role, f"give {some_job} other code",
            lambda c=clients: c("glue").update_job(JobName=some_job, JobUpdate={"Command": {"ScriptLocation": mine}}),
        )  # fmt: skip
        yield Attempt(
            role, "replace the code of a release",
            lambda c=clients: c("s3").put_object(Bucket=artifacts, Key="releases/0.1.0/glue_jobs/refine.py", Body=b""),
        )  # fmt: skip
        yield Attempt(
            role, "take another role",
            lambda c=clients: c("sts").assume_role(RoleArn=outputs["github_role"], RoleSessionName="mine"),
        )  # fmt: skip
    analyst = clients_of(account, outputs["roles"]["analyst"])
    arn = f"arn:aws:states:{lake['region']}:{lake['account_id']}:stateMachine:{machine}"
    group = outputs["engineers_workgroup"]
    yield Attempt("analyst", f"start {machine}", lambda: analyst("stepfunctions").start_execution(stateMachineArn=arn))
    yield Attempt(
        "analyst", f"query in {group}",
        lambda: analyst("athena").start_query_execution(QueryString="SELECT 1", WorkGroup=group),
    )  # fmt: skip


def attempts_of_deployer(clients: Clients, outputs: Mapping[str, Any]) -> Iterator[Attempt]:
    """What the deployer tries to become more than a deployer, in its own name."""
    lake, own = outputs["lake"], outputs["github_role"].rpartition("/")[2]
    job = f"{lake['name']}-job-{sorted(outputs['jobs'])[0]}"
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    everything = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    iam, state = clients("iam"), f"headgate-state-{lake['account_id']}-{lake['region']}"
    policy = sorted(outputs["deploy_policies"].values())[0]
    tried: dict[str, Callable[[], object]] = {
        "attach AdministratorAccess to itself": lambda: iam.attach_role_policy(RoleName=own, PolicyArn=administrator),
        "write a policy of its own role": lambda: iam.put_role_policy(
            RoleName=own, PolicyName="mine", PolicyDocument=everything
        ),
        "let others take its role": lambda: iam.update_assume_role_policy(RoleName=own, PolicyDocument=everything),
        "write a version of its own policy": lambda: iam.create_policy_version(
            PolicyArn=policy, PolicyDocument=everything, SetAsDefault=True
        ),
        "make a role without the boundary": lambda: iam.create_role(
            RoleName=f"{lake['name']}-job-mine", AssumeRolePolicyDocument=everything
        ),
        "make a role with another name": lambda: iam.create_role(RoleName="mine", AssumeRolePolicyDocument=everything),
        "remove a job's boundary": lambda: iam.delete_role_permissions_boundary(RoleName=job),
        "make a user": lambda: iam.create_user(UserName="mine"),
        "read the state of another lake": lambda: clients("s3").get_object(Bucket=state, Key="other/prod.tfstate"),
        "write over a release": lambda: clients("s3").put_object(
            Bucket=state.replace("-state-", "-artifacts-"), Key="releases/0.1.0/glue_jobs/refine.py", Body=b""
        ),
    }
    yield from (Attempt("deployer", what, call) for what, call in tried.items())


def code_by_run_job(account: EmulatedAccount, outputs: Mapping[str, Any]) -> str:
    """An operator tries to pass code through `run-job`. Raises `RunFailed` unless the machine refuses; returns why."""
    sfn = clients_of(account, outputs["roles"]["operator"])("stepfunctions")
    job, code = sorted(outputs["jobs"].values())[0], {"--extra-py-files": "s3://mine/mine.zip"}
    given = {"job": job, "arguments": code}
    execution = ended(sfn, start(sfn, machine_arn(f"{outputs['lake']['name']}-run-job"), given))
    if execution["status"] != "FAILED" or execution.get("error") != "ArgumentRefused":
        why = f"an operator passed code to {job} by run-job, which ended {execution['status']}"
        raise RunFailed(why, where="run-job", remedy="Narrow its arguments (modules/pipeline/run_job.tf).")
    return f"refused: operator, pass code to {job} by run-job: {execution['error']}"


def clients_with(account: EmulatedAccount, keys: Mapping[str, str]) -> Clients:
    """Clients with the credentials of an environment."""
    given = {name.lower(): keys[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")}
    session = boto3.Session(**given, region_name=REGION)
    return lambda name: session.client(name, endpoint_url=account.endpoint)


def _objects(role: str, buckets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Objects that the role must not read. They need not exist: S3 asks for the right first."""
    yield buckets["athena_results"], "analysts/somebody-else/result.csv"
    yield buckets["warehouse"], f"{paths.WORK}/run/dataset/part"
    if role != "engineer":
        yield buckets["athena_results"], "engineers/result.csv"
        yield buckets["athena_results"], "etl/result.csv"
        yield buckets["staging"], "incoming/dataset/document.json"
        yield buckets["staging"], "staging/dataset/file.csv"
        yield buckets["warehouse"], f"{paths.quarantine_folder('dataset')}/part"
        yield buckets["warehouse"], paths.ledger_file("dataset", "run")
        yield buckets["reports"], paths.report_file("run")
    if role == "operator":
        yield buckets["warehouse"], f"{paths.table_folder('dataset')}/part"


def _written(buckets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield buckets["warehouse"], f"{paths.table_folder('dataset')}/part"
    yield buckets["warehouse"], paths.ledger_file("dataset", "run")
    yield buckets["reports"], paths.latest_report("dataset")


def must_be_refused(tried: Attempt) -> None:
    """Try it. Raises `RunFailed` unless IAM refuses it."""
    try:
        tried.call()
    except ClientError as error:
        if error.response["Error"]["Code"] in _REFUSED:
            return
        why = f"got another error: {error}"
    else:
        why = "was allowed"
    raise RunFailed(
        f"{tried.role} tried to {tried.what}, and {why}", where="policies", remedy="Narrow the role's policy."
    )
