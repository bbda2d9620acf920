"""Glue takes the job's role under the trust policy that Terraform has written: a run with that role succeeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headgate.verify.probe import Probe, require
from headgate.verify.probed_lake import ProbedLake


def trust_policy(account: str) -> Mapping[str, Any]:
    """Return the trust policy of a role that Glue takes, as terraform/modules/policies/trust.tf writes it."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "glue.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": account}},
            }
        ],
    }


def _look(lake: ProbedLake) -> str:
    run = lake.published_run()
    name = lake.job.role.rpartition("/")[2]
    role = lake.aws.iam.get_role(RoleName=name)["Role"]
    require(role["Arn"] == lake.job.role, f"the job has the role {lake.job.role}, IAM has {role['Arn']}")
    found, expected = role["AssumeRolePolicyDocument"], trust_policy(lake.job.names.account)
    require(found == expected, f"the trust policy of `{name}` is {found}, expected {expected}")
    used = role.get("RoleLastUsed", {}).get("LastUsedDate")
    last = f"IAM says it was last used at {used:%Y-%m-%d %H:%M}" if used else "IAM does not say yet when it was used"
    return f"the run {run.job['Id']} published rows as `{name}`, whose trust policy is as deployed; {last}"


PROBE = Probe(
    name="glue-trust",
    claim="Glue takes the job's role, whose trust asks for the account only if it is sent",
    sent="nothing more: the role of the job and the run above",
    look=_look,
)
