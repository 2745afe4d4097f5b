"""Whether a file itself brings what proves that its certificates were not revoked."""

from __future__ import annotations

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from pyhanko.pdf_utils.generic import IndirectObject
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko_certvalidator.path import ValidationPath

from eoffice.signing.engine.examining import ExaminedFile


def knows_revocation(file: ExaminedFile, path: ValidationPath, *, revision: int | None = None) -> bool:
    """Whether the file (as it stood in a revision) brings revocation data for all certificates below the root."""
    if file.store is None:
        return False
    try:
        store = file.store
        if revision is not None:
            store = DocumentSecurityStore.read_dss(file.reader.get_historical_resolver(revision))
    except NoDSSFoundError:
        return False
    listed = {asn1_crl.CertificateList.load(_content(entry)).issuer.dump() for entry in store.crls}
    answered = {
        line["cert_id"]["serial_number"].native
        for entry in store.ocsps
        for line in asn1_ocsp.OCSPResponse.load(_content(entry)).response_data["responses"]
    }
    return all(
        certificate.issuer.dump() in listed or certificate.serial_number in answered
        for certificate in path.iter_certs(include_root=False)
    )


def _content(entry: IndirectObject) -> bytes:
    return bytes(entry.get_object().data)  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
