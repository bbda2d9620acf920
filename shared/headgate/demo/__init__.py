"""The demo: a made-up music catalogue, run through the library as a user would, and held against what was planted.

This package makes the raw files of the contracts under `contracts/music/`, so it names their datasets; no other module
of the library names one. `python -m headgate.demo` runs it.
"""
