"""My Account: all that a shopper sees of their account in one answer, the same on every site of their set (rule 15)."""
