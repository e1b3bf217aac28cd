"""What session checks cost, one by one and many in a call."""
