"""Proving who you are on a site: signing up, signing in, and the ticket a shopper is handed."""
