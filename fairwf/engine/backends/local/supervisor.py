"""Starts the supervisor of tasks, by path: ``python -I -S supervisor.py`` (see ``supervision``)."""

import sys

if __name__ == "__main__":
    # This process has no packages, and a module that is imported has been compiled before.
    sys.path.append(__file__.rpartition("/")[0])
    from supervision.loop import main  # type: ignore[import-not-found]

    main()
