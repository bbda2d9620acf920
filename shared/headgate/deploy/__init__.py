"""Build releases and roll them out to AWS: `python -m headgate.deploy` (docs/RELEASES.md).

A release is built once (`wheel`, `wheelhouse`, `release`), uploaded to the artifacts bucket and never changed
(`release_bucket`). Terraform plans an environment for a release and applies exactly that plan (`plan`).
"""
