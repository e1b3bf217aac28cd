"""Getting back into an account, or into it for the first time, by a link that was mailed to its address."""
