"""A merchant's own endpoint, asked about passwords whose hashes only the merchant can compare with."""
