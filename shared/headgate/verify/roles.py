"""The lake's IAM roles by their names, and what IAM would allow them."""

from __future__ import annotations

from collections.abc import Sequence

from botocore.exceptions import ClientError

from headgate.deploy.account import error_code
from headgate.verify.probe_dataset import DATASET
from headgate.verify.probed_lake import ProbedLake

SESSION = "headgate-verify-"  # how the names of sessions under other roles begin


def role_arn(lake: ProbedLake, role: str) -> str:
    """Return the ARN of a role of the lake, such as `analyst`; path and prefix are those of the job's role."""
    return f"{lake.job.role.removesuffix(f'job-{DATASET}')}{role}"


def allowed_roles(lake: ProbedLake, roles: Sequence[str], action: str, resource: str) -> list[str]:
    """Return those of the roles that IAM's simulation allows an action.

    It judges the role's policies and its boundary. It knows neither resource policies nor what a session restricts.
    A role that does not exist is allowed nothing.
    """
    return [role for role in roles if _is_allowed(lake, role, action, resource)]


def _is_allowed(lake: ProbedLake, role: str, action: str, resource: str) -> bool:
    try:
        results = lake.aws.iam.simulate_principal_policy(
            PolicySourceArn=role_arn(lake, role), ActionNames=[action], ResourceArns=[resource]
        )["EvaluationResults"]
    except ClientError as error:
        if error_code(error) != "NoSuchEntity":
            raise
        return False
    return results[0]["EvalDecision"] == "allowed"
