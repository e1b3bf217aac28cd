"""Tenants, their sites, and the customer sets that say which sites share customer accounts."""
