# Who may take a role. Every trust policy of the lake is declared here, and nowhere else. To let one more AWS service take
# a role, add its name to `_services`: the deployer may then pass roles to it as well (modules/access).

locals {
  # Where the console is, by partition: AWS has no data source for it.
  _consoles = { aws = "console.aws.amazon.com", aws-cn = "console.amazonaws.cn", aws-us-gov = "console.amazonaws-us-gov.com" }

  _services = ["events", "glue", "lambda", "scheduler", "states"]
  # Services whose roles only an administrator passes on: of options that a deployer may not change.
  _of_administrators = ["lakeformation", "redshift"]
  # Redshift Serverless comes with a second name.
  _names = { redshift = ["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"] }

  _take_role = "sts:AssumeRole"
  _account   = "arn:${var.site.partition}:iam::${var.site.account_id}"

  # A service may take a role on behalf of this account only. The documentation of Scheduler and Step Functions promises that they
  # send the account; those of the others do not, so there the account must match only if it is sent. Both take a role for its owner's
  # rules, jobs and functions alone in any case: who creates one must be allowed to pass the role on.
  _may_be_silent = ["events", "glue", "lakeformation", "lambda", "redshift"]
  _of_services = { for service in concat(local._services, local._of_administrators) : service => {
    Principal = { Service = try(local._names[service], "${service}.amazonaws.com") }
    Action    = local._take_role
    Condition = {
      (contains(local._may_be_silent, service) ? "StringEqualsIfExists" : "StringEquals") = { "aws:SourceAccount" = var.site.account_id }
    }
  } }

  # Without principals a role trusts the account: its administrators decide who may take it, by policies of their own.
  _of_people = { for role, principals in var.people : role => {
    Principal = { AWS = principals == null ? ["${local._account}:root"] : principals }
    Action    = local._take_role
  } }

  # GitHub's token names the workflow as its subject. Workflows of forks get no token that AWS would exchange.
  _github = "token.actions.githubusercontent.com"
  _subjects = {
    deploy = "repo:${var.github.repository}:environment:${var.github.environment}"
    plan   = ["repo:${var.github.repository}:pull_request", "repo:${var.github.repository}:ref:refs/heads/main"]
  }
  _of_workflows = { for role, subject in local._subjects : role => {
    Principal = { Federated = "${local._account}:oidc-provider/${local._github}" }
    Action    = "sts:AssumeRoleWithWebIdentity"
    Condition = { StringEquals = { "${local._github}:aud" = "sts.amazonaws.com", "${local._github}:sub" = subject } }
  } }

  # Each as the text of a policy.
  _trust = { for kind, statements in { services = local._of_services, people = local._of_people, workflows = local._of_workflows } :
    kind => { for name, statement in statements : name => jsonencode({
      Version   = "2012-10-17"
      Statement = [merge({ Effect = "Allow" }, statement)]
    }) }
  }
}
