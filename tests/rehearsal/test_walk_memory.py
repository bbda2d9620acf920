"""The memory of a process and of all that it has started."""

from __future__ import annotations

import os
import subprocess
import sys

from rehearsal.walk.memory import tree_bytes


def test_memory_counts_what_a_process_has_started() -> None:
    before = tree_bytes(os.getpid())
    code = "block = bytearray(64 << 20); print('ready', flush=True); input()"
    command, pipe = [sys.executable, "-c", code], subprocess.PIPE
    with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert tree_bytes(os.getpid()) - before > 64 << 20
        child.communicate("\n")
