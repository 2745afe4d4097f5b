"""Whether digests and value of one XML signature hold: by the library, told which one, and set right where it errs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from cryptography import x509
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidSignature, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from eoffice.signing.engine.xml_parts import (
    CANONICAL,
    DS,
    INCLUSIVE,
    SIGNATURE,
    XPATH,
    Unjudged,
    canonical,
    inherited_by,
    without_signatures,
)


class Broken(Exception):
    """The digest or the value of a signature is wrong; `args` are the words and the sub-indication."""


def verify_value(root: etree._Element, number: int, leaf: x509.Certificate, references: int) -> None:
    """Verify digests and value with the leaf's key. Raises Unjudged; a wrong value as Broken."""
    methods = frozenset(each for each in SignatureMethod if "HMAC" not in each.name)
    config = SignatureConfiguration(
        expect_references=references,
        signature_methods=methods,
        digest_algorithms=frozenset(DigestAlgorithm),  # an old one is checked, and never enough: `old_digest_of`
        ignore_ambiguous_key_info=True,
        default_reference_c14n_method=CanonicalizationMethod(INCLUSIVE),
        verification_time=leaf.not_valid_after_utc - timedelta(seconds=1),  # dates are judged with the chain
    )
    try:
        _One(number).verify(etree.tostring(root), x509_cert=leaf, expect_config=config)
    except InvalidDigest as error:
        raise Broken("nội dung đã bị thay đổi sau khi ký", "HASH_FAILURE") from error
    except InvalidSignature as error:
        raise Broken("giá trị chữ ký không khớp chứng thư số", "SIG_CRYPTO_FAILURE") from error
    except SignXMLException as error:
        raise Unjudged("chữ ký dùng cách ký không được chấp nhận", "SIG_CONSTRAINTS_FAILURE") from error


class _One(XMLVerifier):
    """Verifies the signature at one place of the file; the library itself takes the first it meets."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._around: dict[str, dict[str, str]] = {}

    def _get_signature(self, root: etree._Element) -> etree._Element:
        found = list(root.iter(SIGNATURE))[self._number]
        self._around = {algorithm: inherited_by(found, algorithm) for algorithm in CANONICAL}
        return found

    def _apply_transforms(
        self, payload: etree._Element, *, transforms_node: etree._Element, signature: etree._Element
    ) -> bytes:
        """The library knows no filters: the one that `signed_elements` lets pass is applied before the others.

        What a part inherits is written onto it, since the library cuts it out of the file.
        """
        given: etree._Element | None = transforms_node  # whatever the library's annotation says
        named = [] if given is None else [each.get("Algorithm", "") for each in given]
        if XPATH in named:
            without_signatures(payload)
        algorithm = next((each for each in named if each in CANONICAL), INCLUSIVE)
        if algorithm in _INCLUSIVES:
            for name, value in inherited_by(payload, algorithm).items():
                if name not in payload.attrib:
                    payload.set(name, value)
        octets: bytes = super()._apply_transforms(payload, transforms_node=transforms_node, signature=signature)
        return octets

    def _c14n(
        self,
        nodes: etree._Element,
        algorithm: CanonicalizationMethod,
        inclusive_ns_prefixes: Sequence[str] | None = None,
    ) -> bytes:
        around = self._around.get(algorithm.value) if nodes.tag == f"{DS}SignedInfo" else None
        return canonical(nodes, algorithm.value, inherited=around, prefixes=inclusive_ns_prefixes)


_INCLUSIVES = frozenset(each for each in CANONICAL if "exc-c14n" not in each)
