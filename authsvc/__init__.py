"""Self-hosted customer identity for merchants who run many storefronts."""
