"""Attributes: what a merchant wants to know of customers besides what every account has, and what is known."""
