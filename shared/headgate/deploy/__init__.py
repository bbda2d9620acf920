"""From a checkout to a lake on AWS: releases, plans, applies and rollbacks; `python -m headgate.deploy`.

A release is built once (`wheel`, `wheelhouse`, `release`), put into the artifacts bucket and never changed (`shelf`);
Terraform plans an environment on a release (`plan`), and applies exactly what was planned (`apply`).
"""
