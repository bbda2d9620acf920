"""The command line `headgate`."""

import sys

from headgate import stopping


def main() -> None:
    """Run the command line. Its modules are imported only now, and Ctrl-C is handled before."""
    stopping.handle_ctrl_c()
    try:
        from headgate.cli.app import main as run
    except BaseException:
        if not stopping.requested():
            raise
        run = None
    if run is None or stopping.requested():  # a module written in C may have swallowed the interrupt
        print(stopping.MESSAGE, file=sys.stderr)
        sys.exit(stopping.STOPPED)
    run()
