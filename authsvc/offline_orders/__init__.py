"""Offline orders: whom staff may put on an order of a site, and an account for whoever has none there."""
