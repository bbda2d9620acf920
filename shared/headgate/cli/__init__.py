"""The command line: one command per thing a person asks for."""


def main() -> None:
    """Run the command line; its modules are loaded only then."""
    from headgate.cli.app import main as run

    run()
