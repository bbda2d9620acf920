# What `terraform plan` and `apply` of terraform/ need, and no more: every resource by the lake's name. There are two
# policies because AWS allows 6,144 characters in one. Workflows of one repository take the role by OIDC, without a stored
# key. A pull request, whose code nobody has approved yet, gets another role: planner.tf.

locals {
  _role_arn   = "${local._iam}:role/${local._name}-*"
  _state_objs = ["${local._s3.state}/*"]

  _deploy = {
    data = [
      {
        Sid    = "Buckets"
        Effect = "Allow"
        Action = [
          "s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:GetAccelerateConfiguration", "s3:GetBucketAcl",
          "s3:GetBucketCORS", "s3:GetBucketLogging", "s3:GetBucketNotification",
          "s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy",
          "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketTagging", "s3:GetBucketVersioning",
          "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
          "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:PutBucketNotification", "s3:PutBucketOwnershipControls",
          "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketTagging", "s3:PutBucketVersioning",
          "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration",
        ]
        Resource = [for role in ["staging", "warehouse", "athena_etl", "athena_results", "reports"] : local._s3[role]]
      },
      {
        Sid    = "Folders"
        Effect = "Allow"
        Action = [
          "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectTagging", "s3:PutObject",
          "s3:PutObjectTagging",
        ]
        Resource = ["${local._s3.staging}/staging/*", "${local._s3.artifacts}/lakes/${local._name}/*"]
      },
      {
        Sid      = "Releases"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion"]
        Resource = ["${local._s3.artifacts}/releases/*"]
      },
      {
        # `make release` sends the header `If-None-Match: *`, so S3 refuses to overwrite a file; a put without it is denied.
        Sid       = "MakeReleases"
        Effect    = "Allow"
        Action    = ["s3:PutObject"]
        Resource  = ["${local._s3.artifacts}/releases/*"]
        Condition = { Null = { "s3:if-none-match" = "false" } }
      },
      {
        Sid      = "Listings"
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:ListBucketVersions"]
        Resource = [local._s3.artifacts, local._s3.staging, local._s3.state]
      },
      {
        # use_lockfile: the lock is an object beside the state; S3's conditional writes put and delete it.
        Sid      = "State"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = local._state_objs
      },
      {
        Sid    = "Key"
        Effect = "Allow"
        Action = [
          "kms:CreateAlias", "kms:Decrypt", "kms:DeleteAlias", "kms:DescribeKey", "kms:EnableKeyRotation",
          "kms:GenerateDataKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags", "kms:PutKeyPolicy",
          "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateKeyDescription",
        ]
        Resource = [var.kms_key_arns.lake, var.kms_key_arns.artifacts, "${local._arn}:kms:${local._here}:alias/${local._name}"]
      },
      {
        Sid    = "Catalog"
        Effect = "Allow"
        Action = [
          "glue:CreateDatabase", "glue:CreateTable", "glue:DeleteDatabase", "glue:DeleteTable", "glue:GetDatabase",
          "glue:GetPartitionIndexes", "glue:GetTable", "glue:UpdateDatabase", "glue:UpdateTable",
        ]
        Resource = concat(["${local._glue}:catalog"], flatten([
          for database in values(var.databases) : [
            "${local._glue}:database/${database}", "${local._glue}:table/${database}/*",
            "${local._glue}:userDefinedFunction/${database}/*",
          ]
        ]))
      },
      {
        Sid    = "Jobs"
        Effect = "Allow"
        Action = [
          "glue:CreateJob", "glue:DeleteCrawler", "glue:DeleteJob", "glue:GetCrawler", "glue:GetJob", "glue:GetTags",
          "glue:TagResource", "glue:UntagResource", "glue:UpdateCrawler", "glue:UpdateJob",
        ]
        Resource = ["${local._glue}:job/${local._name}-*", "${local._glue}:crawler/${local._name}-*"]
      },
      {
        Sid      = "TagDatabases"
        Effect   = "Allow"
        Action   = ["glue:GetTags", "glue:TagResource", "glue:UntagResource"]
        Resource = [for database in values(var.databases) : "${local._glue}:database/${database}"]
      },
    ]
    control = [
      # AWS has no resource level for these actions: see star_resources.yaml.
      {
        Sid    = "NoResourceLevel"
        Effect = "Allow"
        Action = [
          "glue:CreateCrawler", "glue:CreateSecurityConfiguration", "glue:DeleteSecurityConfiguration",
          "glue:GetSecurityConfiguration", "kms:CreateKey", "kms:ListAliases",
          "logs:DescribeLogGroups", "sns:GetSubscriptionAttributes",
          "sns:SetSubscriptionAttributes", "sns:Unsubscribe", "states:ValidateStateMachineDefinition",
        ]
        Resource  = ["*"]
        Condition = { StringEquals = { "aws:RequestedRegion" = var.site.region } }
      },
      {
        Sid    = "Roles"
        Effect = "Allow"
        Action = [
          "iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:CreateRole", "iam:DeletePolicy", "iam:DeletePolicyVersion",
          "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole", "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListPolicyVersions", "iam:ListRolePolicies",
          "iam:PutRolePolicy", "iam:TagPolicy", "iam:TagRole", "iam:UntagPolicy", "iam:UntagRole", "iam:UpdateAssumeRolePolicy",
          "iam:UpdateRole", "iam:UpdateRoleDescription",
        ]
        Resource = [local._role_arn, "${local._iam}:policy/${local._name}-*"]
      },
      {
        Sid       = "AttachOwnPolicies"
        Effect    = "Allow"
        Action    = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
        Resource  = [local._role_arn]
        Condition = { ArnLike = { "iam:PolicyARN" = "${local._iam}:policy/${local._name}-*" } }
      },
      {
        Sid       = "PassRoles"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [local._role_arn]
        Condition = { StringEquals = { "iam:PassedToService" = module.policies.services } }
      },
      {
        Sid    = "GithubProvider"
        Effect = "Allow"
        Action = [
          "iam:CreateOpenIDConnectProvider", "iam:DeleteOpenIDConnectProvider", "iam:GetOpenIDConnectProvider",
          "iam:TagOpenIDConnectProvider", "iam:UntagOpenIDConnectProvider",
        ]
        Resource = ["${local._iam}:oidc-provider/token.actions.githubusercontent.com"]
      },
      {
        Sid    = "Arrivals"
        Effect = "Allow"
        Action = [
          "events:DeleteRule", "events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule", "events:PutRule",
          "events:PutTargets", "events:RemoveTargets", "events:TagResource", "events:UntagResource",
          "sqs:CreateQueue", "sqs:DeleteQueue", "sqs:GetQueueAttributes", "sqs:ListQueueTags",
          "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue",
          "scheduler:CreateSchedule", "scheduler:CreateScheduleGroup", "scheduler:DeleteSchedule",
          "scheduler:DeleteScheduleGroup", "scheduler:GetSchedule", "scheduler:GetScheduleGroup",
          "scheduler:ListTagsForResource", "scheduler:TagResource", "scheduler:UntagResource", "scheduler:UpdateSchedule",
        ]
        Resource = [
          "${local._arn}:events:${local._here}:rule/${local._name}-*",
          "${local._arn}:sqs:${local._here}:${local._name}-*",
          "${local._arn}:scheduler:${local._here}:schedule/${local._name}/*",
          "${local._arn}:scheduler:${local._here}:schedule-group/${local._name}",
        ]
      },
      {
        Sid    = "Machines"
        Effect = "Allow"
        Action = [
          "states:CreateStateMachine", "states:DeleteStateMachine", "states:DescribeStateMachine",
          "states:ListStateMachineVersions", "states:ListTagsForResource", "states:TagResource", "states:UntagResource",
          "states:UpdateStateMachine",
        ]
        Resource = ["${local._arn}:states:${local._here}:stateMachine:${local._name}-*"]
      },
      {
        Sid    = "Guard"
        Effect = "Allow"
        Action = [
          "budgets:ModifyBudget", "budgets:ViewBudget", "budgets:ListTagsForResource", "budgets:TagResource", "budgets:UntagResource",
          "cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards", "cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard",
          "cloudwatch:ListTagsForResource", "cloudwatch:PutDashboard", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource",
          "cloudwatch:UntagResource",
          "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:AssociateKmsKey", "logs:ListTagsForResource",
          "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource",
          "sns:CreateTopic", "sns:DeleteTopic", "sns:GetTopicAttributes", "sns:ListTagsForResource",
          "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:UntagResource",
          "athena:CreateNamedQuery", "athena:CreateWorkGroup", "athena:DeleteNamedQuery", "athena:DeleteWorkGroup",
          "athena:GetNamedQuery", "athena:GetWorkGroup", "athena:ListTagsForResource", "athena:TagResource", "athena:UntagResource",
          "athena:UpdateWorkGroup",
        ]
        Resource = [
          "${local._arn}:budgets::${var.site.account_id}:budget/${local._name}",
          "${local._arn}:cloudwatch:${local._here}:alarm:${local._name}-*",
          "${local._arn}:cloudwatch::${var.site.account_id}:dashboard/${local._name}",
          "${local._arn}:logs:${local._here}:log-group:/${local._name}/*",
          "${local._arn}:logs:${local._here}:log-group:/aws/vendedlogs/states/${local._name}-*",
          "${local._arn}:sns:${local._here}:${local._name}-*",
          "${local._arn}:athena:${local._here}:workgroup/${var.workgroup}",
          "${local._arn}:athena:${local._here}:workgroup/${var.workgroup}-etl",
        ]
      },
    ]
  }
}

locals {
  _deploy_policy = { for part, statements in local._deploy : part => jsonencode({ Version = "2012-10-17", Statement = statements }) }
}

resource "aws_iam_policy" "deploy" {
  for_each = local._deploy_policy

  name        = "${local._name}-deploy-${each.key}"
  description = "What terraform needs for ${local._name}: ${each.key}."
  policy      = each.value

  lifecycle {
    precondition {
      condition     = length(each.value) <= 6144
      error_message = "The policy ${local._name}-deploy-${each.key} has ${length(each.value)} characters, AWS allows 6144. Shorten `name`."
    }
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_repository != "" && var.github_oidc_provider ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "github" {
  count = var.github_repository != "" ? 1 : 0

  name               = "${local._name}-github"
  description        = "Workflows of ${var.github_repository} in the environment ${var.github_environment} deploy ${local._name}."
  assume_role_policy = module.policies.trust_of_workflows.deploy

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy_attachment" "github" {
  for_each = toset(var.github_repository != "" ? keys(local._deploy) : [])

  role       = aws_iam_role.github[0].name
  policy_arn = aws_iam_policy.deploy[each.key].arn
}
