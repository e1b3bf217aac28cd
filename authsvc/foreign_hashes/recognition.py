"""What made a hash, told by how it is written."""

from __future__ import annotations

import re
import secrets
from hashlib import md5, sha1
from hmac import compare_digest

from authsvc.foreign_hashes import content_systems, libpass_schemes, magento
from authsvc.foreign_hashes.rules import LONGEST_HASH, ForeignHash, UnknownHash

# WordPress before 2.5, Magento without salt, and whoever knew no better.
_BARE = {32: md5, 40: sha1}
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+")


def recognised(text: str) -> ForeignHash:
    """Return the hash that `text` is; raises `UnknownHash` or `HashTooCostly`."""
    if len(text) > LONGEST_HASH or not text.isascii() or not text.isprintable():
        raise UnknownHash
    found = content_systems.read(text) or libpass_schemes.read(text) or magento.read(text)
    found = found or _bare(text)
    if found is None:
        raise UnknownHash
    return found


def _bare(text: str) -> ForeignHash | None:
    digest = _BARE.get(len(text))
    if digest is None or not _HEXADECIMAL.fullmatch(text):
        return None
    return ForeignHash(
        f"bare,{len(text)}",
        False,
        lambda prepared: compare_digest(
            digest(prepared.encode(), usedforsecurity=False).hexdigest(), text.lower()
        ),
        lambda: secrets.token_hex(len(text) // 2),
    )
