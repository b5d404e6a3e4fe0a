"""Where a run reads and writes: its run directory, and the folder of its outputs."""
