"""WorkflowHub (https://workflowhub.eu) and other instances of FAIRDOM-SEEK that register workflows.

The API of SEEK 1.19: ``POST /workflows/submit`` (idempotent: by source address and version),
``POST /workflows``, ``POST /workflows/{id}/create_version``, ``PATCH /workflows/{id}``.
"""

from __future__ import annotations

from fairwf.publish.workflowhub.register import Hub

TARGET = Hub(
    name="workflowhub",
    variable="FAIRWF_WORKFLOWHUB_TOKEN",
    url="https://workflowhub.eu",
    advice="make one in WorkflowHub: My Profile, Actions, API Tokens",
)
