"""Backing services that know no feature: the stores, the clock, the log, invalidation."""
