"""The emulator as it is, without adapters and without IAM: `<its Python> -m rehearsal.aws.plain`."""

# pyright: reportMissingImports=false

from __future__ import annotations

from ministack import app as gateway

from rehearsal.aws.retries import answered_once

if __name__ == "__main__":
    gateway.app = answered_once(gateway.app)
    gateway.main()
