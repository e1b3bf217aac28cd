"""Contacts: the addresses of a customer account, and which is the first choice to bill and to ship to."""
