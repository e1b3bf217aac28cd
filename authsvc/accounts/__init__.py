"""Customer accounts: their usernames, who they are, and how they are listed."""
