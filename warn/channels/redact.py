"""Keeps bot tokens and passwords out of logs."""
