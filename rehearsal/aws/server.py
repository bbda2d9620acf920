"""The emulator with our adapters: `<its Python> -m rehearsal.aws.server`, configured by REHEARSAL_SETTINGS.

The settings are one JSON object; each adapter gets all of it and reads its own part:

    endpoint, port, account, region   where the emulator listens (127.0.0.1 only), and as whom
    folder                            a folder for what is written while it runs
    calls                             the file of the recorded calls, one line of JSON each
    adapters                          modules with `install(settings)`, in order
    jobs, …                           a part per adapter

and `recorder`, which is put in here: what adapters write calls down with that pass the gateway by.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Install what the settings name, then serve until a signal."""
    settings: dict[str, Any] = json.loads(Path(os.environ["REHEARSAL_SETTINGS"]).read_text(encoding="utf-8"))
    if settings.get("dies_with_parent"):
        die_with_parent()
    from ministack import app as gateway

    from rehearsal.aws.recording import Recorder, keep_reasons, record_inner_calls, recorded, take_for_tls

    recorder = Recorder(Path(settings["calls"]), settings["adapters"])
    take_for_tls()
    keep_reasons()
    record_inner_calls(recorder)
    for name in settings["adapters"]:
        importlib.import_module(name).install({**settings, "recorder": recorder})
    gateway.app = recorded(gateway.app, recorder)
    gateway.main()


def die_with_parent() -> None:
    """Ask Linux for a signal when the process that started this one is gone, however it went."""
    if hasattr(ctypes, "CDLL") and Path("/proc/self").exists():
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    main()
