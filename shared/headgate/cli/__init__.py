"""The command line `headgate`."""


def main() -> None:
    """Run the command line. Its modules are imported only now."""
    from headgate.cli.app import main as run

    run()
