"""Machine callers: storefront servers and tools, with a client id, a shared secret and behaviors."""
