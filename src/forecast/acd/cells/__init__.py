"""Distinct texts -> numbers, durations and times; strict, and never told row by row."""
