"""A SAML provider that never leaves the test: answers made from a template and signed with xmlsec, right or bent."""

from __future__ import annotations

import base64
import copy
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from eoffice.core import clock

ENTITY = "https://sso.truongxuan.example/metadata"
SSO_URL = "https://sso.truongxuan.example/sso"
Node = Any
"""An lxml element of the template below, whose parts are known to be there."""
NS = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}


def key_and_certificate() -> tuple[bytes, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sso.truongxuan.example")])
    now = clock.now()
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    kept = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return kept, made.public_bytes(serialization.Encoding.PEM).decode()


own_pair = cache(key_and_certificate)
"""The provider's, made once for all tests."""


@dataclass
class SamlIdp:
    pair: tuple[bytes, str] = field(default_factory=own_pair)

    def answer(self, asked: dict[str, str], **bent: object) -> Node:
        """A signed response. `bent` names what to change before signing; see the template's fields."""
        now: datetime = bent.get("now") or clock.now()  # type: ignore[assignment]
        fields = {
            "response_id": "_r1",
            "assertion_id": "_a1",
            "in_response_to": asked["ID"],
            "confirmed_for": f'InResponseTo="{asked["ID"]}"',
            "destination": asked["AssertionConsumerServiceURL"],
            "recipient": asked["AssertionConsumerServiceURL"],
            "audience": asked["Issuer"],
            "issuer": ENTITY,
            "name": "u-1",
            "format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            "email": "huong@truongxuan.example",
            "context": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            "now": stamp(now),
            "before": stamp(now - timedelta(minutes=1)),
            "until": stamp(now + timedelta(minutes=5)),
            **{name: value for name, value in bent.items() if name != "now"},
        }
        return etree.fromstring(_TEMPLATE.format(**fields).encode())

    def signed(self, asked: dict[str, str], *, algorithm: str = "sha256", **bent: object) -> Node:
        root = self.answer(asked, **bent)
        sign(root.find("saml:Assertion", NS), self.pair, algorithm=algorithm)
        return root


def sign(assertion: Node, pair: tuple[bytes, str], *, algorithm: str = "sha256") -> None:
    transform, digest = {
        "sha256": (xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA256),
        "sha1": (xmlsec.Transform.RSA_SHA1, xmlsec.Transform.SHA1),
    }[algorithm]
    node = xmlsec.template.create(assertion, xmlsec.Transform.EXCL_C14N, transform, ns="ds")
    assertion.find("saml:Issuer", NS).addnext(node)
    reference = xmlsec.template.add_reference(node, digest, uri=f"#{assertion.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pair[0], xmlsec.KeyFormat.PEM)
    xmlsec.tree.add_ids(assertion, ["ID"])
    context.sign(node)


def wrapped(root: Node, *, way: str) -> Node:
    """The signed assertion moved aside and a forged one put where it is read: signature wrapping, three ways."""
    forged = copy.deepcopy(root.find("saml:Assertion", NS))
    forged.remove(forged.find("ds:Signature", NS))
    forged.find(".//saml:NameID", NS).text = "u-2"
    forged.find(".//saml:AttributeValue", NS).text = "khanh@truongxuan.example"
    genuine = root.find("saml:Assertion", NS)
    if way == "before":
        forged.set("ID", "_evil")
        genuine.addprevious(forged)
    elif way == "inside":
        forged.set("ID", "_evil")
        root.replace(genuine, forged)
        extensions = etree.SubElement(root, f"{{{NS['samlp']}}}Extensions")
        extensions.append(genuine)
    elif way == "object":
        forged.set("ID", "_evil")
        signature = genuine.find("ds:Signature", NS)
        root.replace(genuine, forged)
        genuine.remove(signature)
        forged.find("saml:Issuer", NS).addnext(signature)
        holder = etree.SubElement(signature, f"{{{NS['ds']}}}Object")
        holder.append(genuine)
    elif way == "same-id":
        genuine.addnext(forged)
    return root


def encoded(root: Node) -> str:
    return base64.b64encode(etree.tostring(root)).decode()


def asked_of(address: str) -> dict[str, str]:
    """What our request says."""
    packed = base64.b64decode(parse_qs(urlsplit(address).query)["SAMLRequest"][0])
    root = etree.fromstring(zlib.decompress(packed, -15))
    return {
        **{str(name): str(value) for name, value in root.items()},
        "Issuer": root.findtext("saml:Issuer", namespaces=NS) or "",
    }


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_TEMPLATE = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
 xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{response_id}" Version="2.0" IssueInstant="{now}"
 Destination="{destination}" InResponseTo="{in_response_to}"><saml:Issuer>{issuer}</saml:Issuer><samlp:Status>
<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="{assertion_id}"
 Version="2.0" IssueInstant="{now}"><saml:Issuer>{issuer}</saml:Issuer><saml:Subject>
<saml:NameID Format="{format}">{name}</saml:NameID><saml:SubjectConfirmation
 Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData {confirmed_for} NotOnOrAfter="{until}"
 Recipient="{recipient}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{before}"
 NotOnOrAfter="{until}"><saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>
</saml:Conditions><saml:AuthnStatement AuthnInstant="{now}" SessionIndex="s-1"><saml:AuthnContext>
<saml:AuthnContextClassRef>{context}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement><saml:Attribute Name="mail"><saml:AttributeValue>{email}</saml:AttributeValue></saml:Attribute>
</saml:AttributeStatement></saml:Assertion></samlp:Response>"""
