"""Headgate: one contract per dataset, read by Terraform, by the jobs and by the checks.

The map. A row's path, room by room (docs/GLOSSARY.md has the words):

contract/   what a contract says: its model, its rules, its types
cache.py    what was fetched or computed once on this machine
checks/     what a check means: expectation, condition, reason
lake/       where things are: storage, paths, ledger, lock
spark/      the Spark session of a laptop, its jars, its errors in plain words
read/       files → texts, each row with its object and arrival
flatten/    JSON documents that arrive as events → Parquet files of the same texts, before they are read
gate/       texts → typed, judged, masked rows; refused rows into the quarantine
clean.py    one row per key, compared with the stored row
publish/    audit, then one atomic step into the table (Iceberg, Parquet)
upkeep/     published tables later: maintain, roll back, hold, resume, read again
frame.py    what every dataset's and mart's run shares: lock, hold, gate, audit, publish
warehouse/  a publication exported for Redshift, and the SQL that makes, loads and verifies its tables
refine/     the chain of one dataset: choose, read, gate, clean, publish
mart/       a query over published tables, through the same gate and publication
project.py  all contracts and queries, in the order in which they run
run.py      a run: every dataset and mart with its outcome
trace.py    one row's life: looked for in the files, the tables and the marts
report/     the run's record and page
propose/    a contract proposed from files
cost/       what runs cost: estimated from contracts, records and list prices
runtime.py  where a job runs: the only module that knows Glue
cli/        the commands of `headgate`
deploy/     releases and plans               verify/   probes of a real account
demo/       `make demo`                      written.py   the files that a machine writes

A room imports rooms above it in this list only (pyproject.toml, [tool.importlinter], is the exact order).
"""
