"""Whether AWS's policies allow a call: the only evaluator of this repository, for the rehearsal and for tests of plans.

`policy` reads documents, `conditions` compares a request's keys, `evaluate` decides by all policies that apply,
`encryption` says which calls of a key a call on something encrypted needs, `services` what AWS's services send.
Standard library only: it also runs in the emulator's Python.
"""
