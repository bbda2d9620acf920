"""`python -m headgate.cli`: the command line where no program `headgate` is installed."""

from headgate.cli import main

main()
