# What `terraform plan` and `apply` of terraform/ need, and no more: every resource by the lake's name. There are
# three policies because AWS allows 6,144 characters in one. Workflows of one repository take the role by OIDC, without a stored
# key. A pull request, whose code nobody has approved yet, gets another role: planner.tf.

locals {
  _state_objs = ["${local._s3.state}/${local._name}/*"]

  # The roles that a deployer creates, changes and passes on. Not among them: its own roles, `github` and `github-plan`.
  _kinds = [
    "admit", "analyst", "arrival", "crawl", "crawler", "engineer", "etl", "flatten", "job-*", "late", "operator", "pipeline", "route",
    "start-*", "tick",
    "verify",
  ]
  _iam_role   = "${local._iam}:role${var.site.roles.path}${local._role}"
  _iam_policy = "${local._iam}:policy${var.site.roles.path}${local._role}"
  _role_arns  = [for kind in local._kinds : "${local._iam_role}-${kind}"]

  # Its own, which it only looks at: `deploy` and `boundary` are policies.
  _kept_arns = concat(
    [for role in ["github", "github-plan"] : "${local._iam_role}-${role}"],
    [for policy in ["boundary", "deploy-*"] : "${local._iam_policy}-${policy}"],
  )

  # What a deployer may only do with a lake that is not protected.
  _ending = { for service, actions in {
    buckets = ["s3:DeleteBucket", "s3:DeleteBucketPolicy"]
    key     = ["kms:ScheduleKeyDeletion"]
    catalog = ["glue:DeleteDatabase"]
    secrets = ["secretsmanager:DeleteSecret"]
  } : service => var.protected ? [] : actions }

  _deploy = {
    data = [
      {
        Sid    = "Buckets"
        Effect = "Allow"
        Action = concat(local._ending.buckets, [
          "s3:CreateBucket", "s3:GetAccelerateConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLogging",
          "s3:GetBucketNotification", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls",
          "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketTagging",
          "s3:GetBucketVersioning", "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
          "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:PutBucketNotification", "s3:PutBucketOwnershipControls",
          "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketTagging", "s3:PutBucketVersioning",
          "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration",
        ])
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
        Action = concat(local._ending.key, [
          "kms:CreateAlias", "kms:Decrypt", "kms:DeleteAlias", "kms:DescribeKey", "kms:EnableKeyRotation",
          "kms:GenerateDataKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags", "kms:PutKeyPolicy",
          "kms:TagResource", "kms:UntagResource", "kms:UpdateKeyDescription",
        ])
        Resource = [var.kms_key_arns.lake, var.kms_key_arns.artifacts, "${local._arn}:kms:${local._here}:alias/${local._name}"]
      },
      {
        Sid    = "Catalog"
        Effect = "Allow"
        Action = concat(local._ending.catalog, [
          "glue:CreateDatabase", "glue:CreateTable", "glue:DeleteTable", "glue:GetDatabase", "glue:GetPartitionIndexes",
          "glue:GetTable", "glue:UpdateDatabase", "glue:UpdateTable",
        ])
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
        Sid    = "Functions"
        Effect = "Allow"
        Action = [
          "lambda:CreateFunction", "lambda:DeleteFunction", "lambda:DeleteFunctionConcurrency", "lambda:GetFunction",
          "lambda:GetFunctionCodeSigningConfig", "lambda:ListTags", "lambda:ListVersionsByFunction",
          "lambda:PutFunctionConcurrency", "lambda:TagResource", "lambda:UntagResource",
          "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
        ]
        Resource = ["${local._arn}:lambda:${local._here}:function:${local._name}-*"]
      },
      # AWS has no resource for a mapping that does not exist yet: see star_resources.yaml.
      {
        Sid       = "MapQueue"
        Effect    = "Allow"
        Action    = ["lambda:CreateEventSourceMapping"]
        Resource  = ["*"]
        Condition = { ArnLike = { "lambda:FunctionArn" = "${local._arn}:lambda:${local._here}:function:${local._name}-*" } }
      },
      {
        Sid    = "Mappings"
        Effect = "Allow"
        Action = [
          "lambda:DeleteEventSourceMapping", "lambda:GetEventSourceMapping", "lambda:ListTags", "lambda:TagResource",
          "lambda:UntagResource", "lambda:UpdateEventSourceMapping",
        ]
        Resource = ["${local._arn}:lambda:${local._here}:event-source-mapping:*"]
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
          "${local._arn}:athena:${local._here}:workgroup/${var.workgroup}-engineers",
          "${local._arn}:athena:${local._here}:workgroup/${var.workgroup}-etl",
        ]
      },
    ]
    # Roles only with the boundary, so that nobody can create an administrator, and never the deployer's own policies, its own
    # roles or the boundary: those an administrator applies.
    roles = [
      {
        # The secrets of masking keys, never a key: neither `GetSecretValue` nor what writes one (`PutSecretValue`, `UpdateSecret`).
        Sid    = "EmptySecrets"
        Effect = "Allow"
        Action = concat(local._ending.secrets, [
          "secretsmanager:CreateSecret", "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy",
          "secretsmanager:TagResource", "secretsmanager:UntagResource",
        ])
        Resource = ["${local._arn}:secretsmanager:${local._here}:secret:${local._name}/masking/*"]
      },
      {
        Sid    = "LookAtRoles"
        Effect = "Allow"
        Action = [
          "iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies",
          "iam:ListInstanceProfilesForRole", "iam:ListPolicyVersions", "iam:ListRolePolicies",
        ]
        Resource = concat(local._role_arns, local._kept_arns)
      },
      {
        Sid      = "TagRoles"
        Effect   = "Allow"
        Action   = ["iam:TagPolicy", "iam:TagRole", "iam:UntagPolicy", "iam:UntagRole"]
        Resource = concat(local._role_arns, local._kept_arns)
      },
      {
        Sid       = "RolesWithTheBoundary"
        Effect    = "Allow"
        Action    = ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy"]
        Resource  = local._role_arns
        Condition = { StringEquals = { "iam:PermissionsBoundary" = var.site.roles.boundary } }
      },
      {
        # AWS offers no condition on the boundary for these.
        Sid      = "Roles"
        Effect   = "Allow"
        Action   = ["iam:DeleteRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription"]
        Resource = local._role_arns
      },
      {
        Sid       = "PassRoles"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = local._role_arns
        Condition = { StringEquals = { "iam:PassedToService" = module.policies.services } }
      },
    ]
  }
}

# What a deployer looks at of the options (docs/SETUP_GUIDE.md): an administrator applies them, so a deployer can end no record of who
# read what, open no way to the internet and grant no column.
locals {
  # By option: what is asked of the region, since AWS has no resource level for it (star_resources.yaml), and what of named things.
  _look = {
    network = {
      everywhere = [
        "ec2:DescribeManagedPrefixLists", "ec2:DescribeNetworkInterfaces", "ec2:DescribePrefixLists", "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs",
        "ec2:GetManagedPrefixListEntries",
      ]
      named = { Connections = ["glue:GetConnection"] }
    }
    lake_formation = {
      everywhere = [
        "lakeformation:DescribeResource", "lakeformation:GetLFTag", "lakeformation:GetResourceLFTags",
        "lakeformation:ListLakeFormationOptIns", "lakeformation:ListPermissions",
      ]
      named = {}
    }
    encrypt_catalog = {
      everywhere = []
      named      = { CatalogKey = ["glue:GetDataCatalogEncryptionSettings"] }
    }
    redshift = {
      everywhere = ["redshift-serverless:GetUsageLimit"]
      named = {
        Warehouse = ["redshift-serverless:GetNamespace", "redshift-serverless:GetWorkgroup", "redshift-serverless:ListTagsForResource"]
        WarehouseRoles = [
          "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies",
        ]
      }
    }
    audit = {
      everywhere = ["cloudtrail:DescribeTrails"]
      named = {
        Trail = [
          "cloudtrail:GetEventSelectors", "cloudtrail:GetInsightSelectors", "cloudtrail:GetTrail", "cloudtrail:GetTrailStatus",
          "cloudtrail:ListTags",
        ]
        Records = [
          "s3:GetAccelerateConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLogging",
          "s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy",
          "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketTagging", "s3:GetBucketVersioning",
          "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
          "s3:GetReplicationConfiguration", "s3:ListBucket",
        ]
      }
    }
  }
  _places = {
    CatalogKey  = ["${local._glue}:catalog"]
    Connections = ["${local._glue}:catalog", "${local._glue}:connection/${local._name}-*"]
    Records     = ["${local._arn}:s3:::${local._name}-audit-${var.site.account_id}-${var.site.region}"]
    Trail       = ["${local._arn}:cloudtrail:${local._here}:trail/${local._name}"]
    # Their ids are AWS's.
    Warehouse      = [for kind in ["namespace", "workgroup"] : "${local._arn}:redshift-serverless:${local._here}:${kind}/*"]
    WarehouseRoles = [for role in ["copy", "loader", "owner"] : "${local._iam_role}-warehouse-${role}"]
  }

  _chosen     = [for option, look in local._look : look if var.options[option]]
  _everywhere = sort(flatten(local._chosen[*].everywhere))
  _options = concat(
    [for sid in length(local._everywhere) > 0 ? ["LookAtOptions"] : [] : {
      Sid       = sid
      Effect    = "Allow"
      Action    = local._everywhere
      Resource  = ["*"]
      Condition = { StringEquals = { "aws:RequestedRegion" = var.site.region } }
    }],
    [for sid, actions in merge({}, local._chosen[*].named...) : {
      Sid      = sid
      Effect   = "Allow"
      Action   = actions
      Resource = local._places[sid]
    }],
  )
  _deploy_with_options = merge(local._deploy, length(local._options) > 0 ? { options = local._options } : null)
}

locals {
  _deploy_policy = { for part, statements in local._deploy_with_options : part => jsonencode({
    Version = "2012-10-17", Statement = statements
  }) }
}

resource "aws_iam_policy" "deploy" {
  for_each = local._deploy_policy

  name        = "${local._role}-deploy-${each.key}"
  path        = var.site.roles.path
  description = "What terraform needs for ${local._name}: ${each.key}."
  policy      = each.value

  lifecycle {
    precondition {
      condition     = length(each.value) <= 6144
      error_message = "The policy ${local._role}-deploy-${each.key} has ${length(each.value)} characters, AWS allows 6144. Shorten `name`."
    }
  }
}

resource "aws_iam_role" "github" {
  count = var.github_repository != "" ? 1 : 0

  name                 = "${local._role}-github"
  description          = "Workflows of ${var.github_repository} in the environment ${var.github_environment} deploy ${local._name}."
  assume_role_policy   = module.policies.trust_of_workflows.deploy
  path                 = var.site.roles.path
  permissions_boundary = var.deployer_boundary
}

resource "aws_iam_role_policy_attachment" "github" {
  for_each = toset(var.github_repository != "" ? keys(local._deploy_with_options) : [])

  role       = aws_iam_role.github[0].name
  policy_arn = aws_iam_policy.deploy[each.key].arn
}
