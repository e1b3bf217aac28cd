"""What is held on a shopper, given out in one piece, and the end of it (docs/privacy.md)."""
