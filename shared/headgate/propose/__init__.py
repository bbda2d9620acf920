"""A contract proposed from files: what a sample of them shows, and why. Nothing here needs Spark.

`sample.py` reads a part of the files, `kinds.py` finds a type per column with its evidence, `columns.py`, `keys.py` and
`personal.py` say the rest about columns, and `text.py` writes the contract with the reasons as comments.
"""
