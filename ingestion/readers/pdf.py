"""The e-invoice inside a PDF: ZUGFeRD and Factur-X embed it as an attachment. The page itself is not read."""

from __future__ import annotations

import logging
from io import BytesIO

from ingestion.errors import FileRefused

# In the order in which they count where a PDF has several; case does not matter.
ATTACHMENT_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")


def embedded_invoice(data: bytes, name: str) -> bytes:
    """The XML attached to a PDF: under one of the names in use, else the only attachment that is XML.

    Raises FileRefused when the PDF is encrypted, damaged, or has none.
    """
    # Imported here: it takes a fifth of a second, which runs without a PDF need not pay.
    from pypdf import PdfReader

    # What it remarks on how a PDF is built helps nobody; what keeps it from reading is raised.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted:
            raise FileRefused(
                f"{name} is encrypted, so its attachment cannot be read. Save it without a password, or ask for the "
                "invoice as XML."
            )
        attached = {str(found.name).lower(): found for found in reader.attachment_list}
        names = [known for known in ATTACHMENT_NAMES if known in attached]
        names = names or [other for other in attached if other.endswith(".xml")]
        if len(names) == 1 or (names and names[0] in ATTACHMENT_NAMES):
            return attached[names[0]].content
    except FileRefused:
        raise
    # A damaged PDF fails anywhere in the library, in any way.
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise FileRefused(f"{name} is a damaged PDF ({reason}). Copy it again or ask for it again.") from error
    has = f"only {', '.join(sorted(attached))}" if attached else "nothing"
    raise FileRefused(
        f"{name} is a PDF without an e-invoice: attached to it is {has}, where {ATTACHMENT_NAMES[0]} or the like "
        "should be. What is printed on its pages is not read; ask for the invoice as ZUGFeRD or XRechnung."
    )
