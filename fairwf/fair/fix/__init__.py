"""``--fix``: metadata files written from what is stated elsewhere, and nothing else.

No person, licence, identifier, date or description is invented: each value that is written stands
in another file, in the workflow, or in git. Where sources contradict each other, nothing is
written.
"""

from fairwf.fair.fix.plan import Change, apply, as_diff, changes

__all__ = ["Change", "apply", "as_diff", "changes"]
