"""Customers found as one types: by words of their names, addresses and usernames, and by number."""
