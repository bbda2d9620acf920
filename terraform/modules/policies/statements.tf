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

  # Who talks to Redshift signs in under the role's own name (the database user `IAMR:<role>`), and sees statements and results of
  # its own alone. What that user may do, groups in the database decide (`headgate warehouse members`).
  _redshift = [for statement in [
    merge({
      Sid    = "RunStatements"
      Effect = "Allow"
      Action = concat(
        ["redshift-data:BatchExecuteStatement", "redshift-data:ExecuteStatement"],
        local._cluster == "" ? ["redshift-serverless:GetCredentials"] : [],
      )
      Resource = [local._redshift_place]
    }, local._redshift_created ? { Condition = { StringEquals = { "aws:ResourceTag/Lake" = var.site.name } } } : null),
    {
      Sid       = "OwnStatements"
      Effect    = "Allow"
      Action    = ["redshift-data:CancelStatement", "redshift-data:DescribeStatement", "redshift-data:GetStatementResult"]
      Resource  = ["*"]
      Condition = { StringEquals = { "redshift-data:statement-owner-iam-userid" = "$${aws:userid}" } }
    },
  ] : statement if var.redshift != null]

  _redshift_sign_in = [for cluster in compact([local._cluster]) : {
    Sid      = "SignIn"
    Effect   = "Allow"
    Action   = ["redshift:GetClusterCredentialsWithIAM"]
    Resource = ["arn:${var.site.partition}:redshift:${local._here}:dbname:${cluster}/${var.redshift.database}"]
  }]

  # The id in a workgroup's ARN is not known before it exists, so a created one is named by its tag.
  _here             = "${var.site.region}:${var.site.account_id}"
  _cluster          = try(var.redshift.cluster, "")
  _own_workgroup    = try(var.redshift.workgroup_arn, "")
  _redshift_created = local._cluster == "" && local._own_workgroup == ""
  _redshift_place = coalesce(
    local._cluster == "" ? "" : "arn:${var.site.partition}:redshift:${local._here}:cluster:${local._cluster}",
    local._own_workgroup,
    "arn:${var.site.partition}:redshift-serverless:${local._here}:workgroup/*",
  )

  # What AWS X-Ray asks for; it has no resource for traces.
  _trace = {
    Sid      = "Trace"
    Effect   = "Allow"
    Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    Resource = ["*"]
  }
}
