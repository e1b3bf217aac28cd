"""Storefronts' forms and hosted pages: signing up, in and out in a browser, once for all sites of a set."""
