"""The admin pages at /admin: what all of them share, and those about signing in and one's own account."""
