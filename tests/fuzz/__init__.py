"""Fuzzing: mutated documents, job files, expressions and crates take every road through fairwf.

The only endings are success or a :class:`fairwf.report.FairwfError` whose diagnostics have a known
code, a file, and a line where a text was parsed; within a time, within a memory, without a network,
and without a file opened or a process started outside of what the case may use.

``python -m tests.fuzz --cases N --seed S --jobs J`` runs any number of cases in processes that are
watched from outside, ``python -m tests.fuzz.guided`` lets coverage guide them (atheris), and
``test_fuzzing.py`` runs a seeded sample. A case is a function of the seed and its number.
"""
