"""How often anybody may try: counted before a password is judged, exactly, and no weapon (docs/guessing.md)."""
