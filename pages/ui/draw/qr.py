"""A link as a QR code."""

import io
from base64 import b64encode

import segno

LONGEST = 1_200  # characters: more makes squares too small for a phone that looks at a projector


def qr_code(link: str) -> str:
    """The code as a data URL, dark on white in both themes; empty for a link that is too long."""
    if len(link) > LONGEST:
        return ""
    file = io.BytesIO()
    segno.make(link, error="l", micro=False).save(file, kind="png", scale=4, border=3)
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"
