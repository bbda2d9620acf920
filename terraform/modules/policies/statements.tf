# Statements that several roles need, each declared here and nowhere else. Both allow the resource `*`, for which
# star_resources.yaml gives AWS's reason.

locals {
  # Step Functions delivers logs through an account-wide delivery that has no ARN.
  _deliver_logs = {
    Sid    = "DeliverLogs"
    Effect = "Allow"
    Action = [
      "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
    ]
    Resource = ["*"]
  }

  # Jobs put Glue's metrics, state machines the lake's own.
  _put_metrics = { for role, namespace in { jobs = "Glue", machines = "Headgate" } : role => {
    Sid       = "PutMetrics"
    Effect    = "Allow"
    Action    = ["cloudwatch:PutMetricData"]
    Resource  = ["*"]
    Condition = { StringEquals = { "cloudwatch:namespace" = namespace } }
  } }
}
