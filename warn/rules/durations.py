"""Lengths of time as rules state them; every file of the rules folder reads them alike (`warn.documents`)."""

from warn.documents.durations import PATTERN, Duration, in_words, meant, parse_duration, short

__all__ = ["PATTERN", "Duration", "in_words", "meant", "parse_duration", "short"]
