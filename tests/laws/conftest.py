"""Shrinking of documents is bounded: a failure is shown after a minute at the latest."""

from hypothesis.internal.conjecture import engine

engine.MAX_SHRINKING_SECONDS = 60
