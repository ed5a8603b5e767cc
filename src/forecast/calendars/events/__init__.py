"""Promotions and other events: from files and rules to EVENTS of each series."""
