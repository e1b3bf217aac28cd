"""Passkeys (WebAuthn): made in My Account, and good as the second factor or as the only one, as each set allows."""
