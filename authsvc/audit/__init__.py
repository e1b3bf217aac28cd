"""Who did what to whom, when, from where, with old and new values."""
