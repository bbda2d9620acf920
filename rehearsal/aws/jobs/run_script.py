"""Runs a job's script as Glue does, and keeps what it raised: `python boot.py REPORT SCRIPT ARGUMENT...`.

Imported by nobody: this file stands alone in the job's process, before anything of the release is there.
"""

import contextlib
import ctypes
import runpy
import signal
import sys
import traceback


def main() -> int:
    """Run the script as the main program; the exit code is 1 when it raised or ended with another code than 0."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # gone with the service that started it
    report, script = sys.argv[1], sys.argv[2]
    sys.argv = sys.argv[2:]
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as ended:
        if ended.code in (None, 0):
            return 0
        said = f"SystemExit: {ended.code}"
    except BaseException as error:
        traceback.print_exc()
        said = "".join(traceback.format_exception_only(type(error), error)).strip()
    else:
        return 0
    with open(report, "w", encoding="utf-8") as file:
        file.write(said)
    return 1


if __name__ == "__main__":
    sys.exit(main())
