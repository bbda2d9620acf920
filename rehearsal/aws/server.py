"""The emulator with our adapters: `<its Python> -m rehearsal.aws.server`, configured by REHEARSAL_SETTINGS.

The settings are one JSON object; each adapter gets all of it and reads its own part:

    endpoint, port, account, region   where the emulator listens (127.0.0.1 only), and its account
    folder                            a folder for what is written while it runs
    calls                             the file of the recorded calls, one line of JSON each
    adapters                          modules with `install(settings)`, in order
    jobs, …                           a part per adapter

and `recorder`, which is added here: adapters use it to record calls that do not pass the gateway.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import importlib
import json
import os
import signal
from pathlib import Path
from typing import Any

from rehearsal.processes import die_with_parent


def main() -> None:
    """Install the adapters that the settings name, then serve until a signal comes."""
    settings: dict[str, Any] = json.loads(Path(os.environ["REHEARSAL_SETTINGS"]).read_text(encoding="utf-8"))
    if settings.get("dies_with_parent"):
        die_with_parent(signal.SIGTERM)
    from ministack import app as gateway

    from rehearsal.aws import judge
    from rehearsal.aws.recording import Recorder, keep_reasons, record_inner_calls, recorded
    from rehearsal.aws.retries import answered_once

    recorder = Recorder(Path(settings["calls"]), settings["adapters"])
    judge.install(settings)
    keep_reasons()
    record_inner_calls(recorder)
    for name in settings["adapters"]:
        importlib.import_module(name).install({**settings, "recorder": recorder})
    gateway.app = answered_once(recorded(gateway.app, recorder))
    gateway.main()


if __name__ == "__main__":
    main()
