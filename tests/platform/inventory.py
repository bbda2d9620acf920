"""What exists on the emulator, by kind, according to its API and not to Terraform."""

from __future__ import annotations

from collections.abc import Mapping

from emulator import ACCOUNT, EmulatedAccount

# Service, operation, the list in its answer, and the key of a name in that list.
LISTED: Mapping[str, tuple[str, str, str, str | None]] = {
    "bucket": ("s3", "list_buckets", "Buckets", "Name"),
    "key's alias": ("kms", "list_aliases", "Aliases", "AliasName"),
    "database": ("glue", "get_databases", "DatabaseList", "Name"),
    "crawler": ("glue", "get_crawlers", "Crawlers", "Name"),
    "job": ("glue", "get_jobs", "Jobs", "Name"),
    "security configuration": ("glue", "get_security_configurations", "SecurityConfigurations", "Name"),
    "queue": ("sqs", "list_queues", "QueueUrls", None),
    "topic": ("sns", "list_topics", "Topics", "TopicArn"),
    "subscription": ("sns", "list_subscriptions", "Subscriptions", "Endpoint"),
    "rule": ("events", "list_rules", "Rules", "Name"),
    "schedule": ("scheduler", "list_schedules", "Schedules", "Name"),
    "group of schedules": ("scheduler", "list_schedule_groups", "ScheduleGroups", "Name"),
    "state machine": ("stepfunctions", "list_state_machines", "stateMachines", "name"),
    "workgroup": ("athena", "list_work_groups", "WorkGroups", "Name"),
    "alarm": ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "dashboard": ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    "group of logs": ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "secret": ("secretsmanager", "list_secrets", "SecretList", "Name"),
    "role": ("iam", "list_roles", "Roles", "RoleName"),
}


def inventory(aws: EmulatedAccount) -> dict[str, set[str]]:
    """The names of everything that exists, by kind."""
    policies = aws.client("iam").list_policies(Scope="Local")["Policies"]
    budgets = aws.client("budgets").describe_budgets(AccountId=ACCOUNT).get("Budgets", [])
    keys = [key["KeyId"] for key in aws.client("kms").list_keys()["Keys"]]
    return {
        **{kind: _names(aws, *listing) for kind, listing in LISTED.items()},
        "policy": {policy["PolicyName"] for policy in policies},
        "budget": {budget["BudgetName"] for budget in budgets},
        "key": {key for key in keys if _is_used(aws, key)},
    }


def _names(aws: EmulatedAccount, service: str, operation: str, within: str, by: str | None) -> set[str]:
    answer = getattr(aws.client(service), operation)()
    return {item if by is None else item[by] for item in answer.get(within, [])}


def _is_used(aws: EmulatedAccount, key: str) -> bool:
    """True unless the key was destroyed: AWS deletes a destroyed key later."""
    return aws.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] != "PendingDeletion"
