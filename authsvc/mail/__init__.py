"""Outgoing mail: put into PostgreSQL together with what it tells of, and sent by the worker."""
