"""Which encodings a file of texts may have."""

from __future__ import annotations

import codecs

# Codecs for parts of texts (host names, string literals): what they read is not what the file says.
_OF_OTHER_THINGS = ("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "unicode-escape",
                    "raw-unicode-escape", "mbcs", "oem")  # fmt: skip
_LINE = "a,1\n"


def is_text_encoding(name: str) -> bool:
    """True for Python's names of character encodings; false for `base64`, `zip`, `rot13` and other transformations."""
    try:
        codec = codecs.lookup(name)
        if not codec._is_text_encoding or codec.name in _OF_OTHER_THINGS:
            return False
        return codecs.getincrementaldecoder(name)(errors="replace").decode(_LINE.encode(name), final=True) == _LINE
    except (LookupError, ValueError):
        return False
