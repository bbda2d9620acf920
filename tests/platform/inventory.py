"""What lies on the emulator, by kind, asked of its API and not of Terraform."""

from __future__ import annotations

from collections.abc import Mapping

from emulator import ACCOUNT, Emulator

# service, operation, the list in its answer, what names one of it
ASKED: Mapping[str, tuple[str, str, str, str | None]] = {
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
    "role": ("iam", "list_roles", "Roles", "RoleName"),
    "OIDC provider": ("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList", "Arn"),
}


def inventory(aws: Emulator) -> dict[str, set[str]]:
    """The names of everything there is, by kind."""
    found = {kind: _names(aws, *asked) for kind, asked in ASKED.items()}
    policies = aws.client("iam").list_policies(Scope="Local")["Policies"]
    budgets = aws.client("budgets").describe_budgets(AccountId=ACCOUNT).get("Budgets", [])
    enabled = [key["KeyId"] for key in aws.client("kms").list_keys()["Keys"]]
    return {
        **found,
        "policy": {one["PolicyName"] for one in policies},
        "budget": {one["BudgetName"] for one in budgets},
        "key": {key for key in enabled if _is_used(aws, key)},
    }


def _names(aws: Emulator, service: str, operation: str, within: str, by: str | None) -> set[str]:
    answer = getattr(aws.client(service), operation)()
    return {one if by is None else one[by] for one in answer.get(within, [])}


def _is_used(aws: Emulator, key: str) -> bool:
    """A key that was destroyed waits for its deletion."""
    return aws.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] != "PendingDeletion"
