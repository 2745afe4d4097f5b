"""What goes out for a request and what is kept of it: plain values from the database."""

from __future__ import annotations

import json
from collections.abc import Iterable

from eoffice.core import secret_text
from eoffice.signing.engine.deferred import PreparedSignature, SigningCertificate, mechanism_of
from eoffice.signing.models import SignatureRequest, SignatureRequestPaper, SigningMethod
from eoffice.signing.models.requests import REQUEST_MEMORY
from eoffice.signing.providers.signer import Answer, HashToSign, Order
from eoffice.signing.services.signers import account_of


def order_of(request: SignatureRequest, method: SigningMethod, papers: Iterable[SignatureRequestPaper]) -> Order:
    """What the provider is asked, from what the database keeps."""
    return Order(
        reference=request.reference,
        account=account_of(method),
        description=request.description,
        papers=tuple(
            HashToSign(doc_id=paper.doc_id, title=paper.title, digest=state_of(paper).hash_to_sign) for paper in papers
        ),
        memory=memory_of(request),
    )


def memory_of(request: SignatureRequest) -> dict[str, str]:
    """What the last answer told to keep."""
    if not request.memory:
        return {}
    kept: dict[str, str] = json.loads(secret_text.decrypt(request.memory, context=REQUEST_MEMORY))
    return kept


def state_of(paper: SignatureRequestPaper) -> PreparedSignature:
    """The four small values of a prepared paper."""
    if paper.hole_start is None or paper.hole_end is None:
        raise ValueError(f"{paper} is not prepared")
    return PreparedSignature(
        document_digest=bytes(paper.document_digest or b""),
        hole_start=paper.hole_start,
        hole_end=paper.hole_end,
        signed_attributes=bytes(paper.signed_attributes or b""),
    )


def signing_certificate(method: SigningMethod) -> SigningCertificate:
    """The certificate of a method with what its key does."""
    certificate = bytes(method.certificate)
    return SigningCertificate(certificate=certificate, chain=method.chain_der, mechanism=mechanism_of(certificate))


def keep_memory(request: SignatureRequest, answer: Answer) -> None:
    """Put what an answer told to keep on a request in memory; the caller saves it."""
    if answer.memory is not None:
        kept = json.dumps(dict(answer.memory))
        request.memory = secret_text.encrypt(kept, context=REQUEST_MEMORY) if answer.memory else ""
    request.visit = answer.visit[:4000]
