"""Customer segments: groups a merchant puts customers in, of whatever set, to treat them alike."""
