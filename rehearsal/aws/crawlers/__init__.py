"""Glue crawlers that really read what lies in S3."""
