"""Acting for a shopper: a session of theirs for a quarter of an hour, marked as what it is wherever it shows."""
