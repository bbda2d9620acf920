output "arn" {
  description = "The boundary's ARN, composed of names, so that policies with it can be planned; what uses it waits for the boundary."
  value       = "${local._arn}:iam::${var.site.account_id}:policy${var.site.roles.path}${local._role}-boundary"

  depends_on = [aws_iam_policy.boundary]
}
