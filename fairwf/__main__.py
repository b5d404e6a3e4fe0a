"""``python -m fairwf``."""

from fairwf.cli import main

main()
