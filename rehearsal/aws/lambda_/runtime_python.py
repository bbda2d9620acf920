"""The Python modules that AWS's Python runtime of Lambda brings: its SDK, and nothing else.

Source: "Lambda runtimes", AWS Lambda's developer guide: the Python runtimes include boto3 and what it needs.
"""

from __future__ import annotations

from pathlib import Path

from rehearsal.aws.jobs.glue_python import folder_of

SDK = ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3")


def sdk_folder(cache: Path) -> Path:
    """The folder with the SDK in this checkout's versions, made when it does not exist."""
    return folder_of(cache, SDK)
