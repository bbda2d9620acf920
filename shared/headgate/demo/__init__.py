"""The demo: run a made-up music catalogue as a user would, and compare the result with what the generator expects.

This room makes the raw files of the contracts under `contracts/music/`, so it names their datasets; no other room does.
`python -m headgate.demo` runs it.
"""
