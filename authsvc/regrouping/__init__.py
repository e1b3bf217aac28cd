"""Regrouping: customer sets, sites and customers changed by plans that are rehearsed, all or nothing, and undoable."""
