"""Glue jobs that really run, in local Spark."""
