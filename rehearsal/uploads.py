"""The music demo's files, put into staging as their senders would: one delivery after the other, oldest first."""

from __future__ import annotations

import time
from itertools import groupby
from pathlib import Path
from typing import Any

from headgate.demo.generate import Generated, generate

_APART = 1.1  # seconds; S3 knows when an object arrived to the second


def upload(s3: Any, bucket: str, folder: Path) -> Generated:
    """Make the demo's catalogue in `folder` and put its files below `staging/`; returns it with its truth."""
    made = generate(folder)
    files = sorted(made.files, key=lambda file: (file.stat().st_mtime, file))
    for number, (_, together) in enumerate(groupby(files, key=lambda file: file.stat().st_mtime)):
        time.sleep(_APART if number else 0)
        for file in together:
            s3.upload_file(str(file), bucket, f"staging/{file.relative_to(made.staging).as_posix()}")
    return made
