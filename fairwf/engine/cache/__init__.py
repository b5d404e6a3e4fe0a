"""The cache of tasks' results: what has run once with the same inputs need not run again.

Implements CWL v1.2 "WorkReuse" for ``fairwf run --cache DIR``. :mod:`.identity` says what a file
is, :mod:`.key` what a task is, :mod:`.store` keeps results on disk, :mod:`.results` joins them.
"""

from fairwf.engine.cache.identity import CacheKey
from fairwf.engine.cache.results import Kept, TaskCache

__all__ = ["CacheKey", "Kept", "TaskCache"]
