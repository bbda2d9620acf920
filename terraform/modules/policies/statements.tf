# Statements that several roles need, each declared here and nowhere else. All allow the resource `*`, for which
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

  # Glue and Lambda put a network interface for each worker or function into a subnet, in the role's name.
  _join_network = {
    Sid    = "JoinNetwork"
    Effect = "Allow"
    Action = [
      "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeRouteTables",
      "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcEndpoints",
    ]
    Resource = ["*"]
  }

  # Glue marks its interfaces with one tag.
  _tag_interfaces = {
    Sid       = "TagInterfaces"
    Effect    = "Allow"
    Action    = ["ec2:CreateTags", "ec2:DeleteTags"]
    Resource  = ["arn:${var.site.partition}:ec2:${var.site.region}:${var.site.account_id}:network-interface/*"]
    Condition = { "ForAllValues:StringEquals" = { "aws:TagKeys" = ["aws-glue-service-resource"] } }
  }

  # What AWS X-Ray asks for; it has no resource for traces.
  _trace = {
    Sid      = "Trace"
    Effect   = "Allow"
    Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    Resource = ["*"]
  }
}
