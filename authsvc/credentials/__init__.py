"""Credentials: what a password must be, how it is hashed, and who may change it."""
