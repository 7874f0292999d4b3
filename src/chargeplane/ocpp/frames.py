"""Frames as they may be shown: without passwords."""

from __future__ import annotations

import re
from typing import Final

# 2.x A01.FR.09: passwords are not logged; a frame that names one shows no values at all.
PASSWORD: Final = re.compile(r"BasicAuthPassword|AuthorizationKey", re.IGNORECASE)
VALUE: Final = re.compile(r'("(?:attributeValue|value|basicAuthPassword)"\s*:\s*)"(?:[^"\\]|\\.)*"')


def masked(text: str) -> str:
    """The frame without passwords."""
    return VALUE.sub(r'\1"***"', text) if PASSWORD.search(text) else text
