"""Glue crawlers that really read what lies in S3."""

LOG_GROUP = "/aws-glue/crawlers"
