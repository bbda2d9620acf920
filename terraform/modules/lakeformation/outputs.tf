output "tag" {
  description = "The key of the tag: its values are the contracts' classifications, and `none`."
  value       = aws_lakeformation_lf_tag.classification.key
}
