"""Run a job's script as Glue does, and write down what it raised: `python run_script.py REPORT SCRIPT ARGUMENT...`.

Nothing imports this file: it runs alone in the job's process, before any module of the release can be imported.
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
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # end with the emulator that started it
    report, script = sys.argv[1], sys.argv[2]
    sys.argv = sys.argv[2:]
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as ended:
        if ended.code in (None, 0):
            return 0
        raised = f"SystemExit: {ended.code}"
    except BaseException as error:
        traceback.print_exc()
        raised = "".join(traceback.format_exception_only(type(error), error)).strip()
    else:
        return 0
    with open(report, "w", encoding="utf-8") as file:
        file.write(raised)
    return 1


if __name__ == "__main__":
    sys.exit(main())
