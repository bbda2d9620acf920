"""cloudsplaining's findings of privilege escalation in policies: a JSON object of policies by name on standard input.

Rights that resources or conditions narrow count too: what narrows them is the reason that a finding needs.

Runs in cloudsplaining's own Python. Prints a JSON list of name, kind of escalation, and actions.
"""

from __future__ import annotations

import json
import sys

from cloudsplaining.scan.policy_document import PolicyDocument  # pyright: ignore[reportMissingImports]

policies = json.load(sys.stdin)
print(
    json.dumps(
        [
            [name, found["type"], sorted(found["actions"])]
            for name, policy in policies.items()
            for found in PolicyDocument(
                policy, flag_conditional_statements=True, flag_resource_arn_statements=True
            ).allows_privilege_escalation
        ]
    )
)
