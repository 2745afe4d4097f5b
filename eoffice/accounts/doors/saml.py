"""SAML 2.0 web browser SSO, as service provider: redirect to the provider, signed assertion back by POST."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lxml import etree
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from eoffice.accounts.doors import outgoing
from eoffice.accounts.doors.identity import AnswerRefused, DoorDown, Identity

_NS: Final = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
_REDIRECT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
_POST: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
_TRANSIENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
_EMAIL_FORMAT: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
_UNSPECIFIED: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
EMAIL_ATTRIBUTES: Final = (
    "mail",
    "email",
    "emailaddress",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
)
ANSWER_LIMIT: Final = 512 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlProvider:
    """What the administrator has set, and our own two addresses."""

    idp_entity_id: str
    sso_url: str
    certificates: tuple[str, ...]
    """PEM or bare Base64; more than one while the provider changes its key."""
    entity_id: str
    acs_url: str
    email_attribute: str = ""
    subject_attribute: str = ""
    second_factor_contexts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SamlAnswer:
    """Somebody, with what guards against showing the answer twice: `until` is when the assertion is void anyway."""

    identity: Identity
    assertion_id: str
    until_s: float


def begin(provider: SamlProvider) -> tuple[str, str]:
    """Where to send the browser, and the ID of the request. Raises DoorDown for settings that cannot be."""
    try:
        auth = OneLogin_Saml2_Auth(_request(provider, {}), _settings(provider))
        address = auth.login(return_to="")
    except OneLogin_Saml2_Error as error:
        raise DoorDown(f"Khai báo SAML chưa dùng được: {error}.") from error
    return str(address), str(auth.get_last_request_id())


def request_id_in(encoded: str) -> str:
    """Which of our requests an answer says it answers; nothing is proved by that yet. Raises AnswerRefused."""
    return str(_parsed(encoded).get("InResponseTo") or "")


def answer_of(provider: SamlProvider, encoded: str, *, request_id: str, now: datetime) -> SamlAnswer:
    """Check an answer and turn it into somebody (SAML 2.0 Profiles, 4.1.4.2–3).

    The assertion itself must be signed by a known certificate, not with SHA-1, meant for us, in time, at our address
    and for this very request; exactly one assertion stands in the answer, so that nothing else can be read by mistake.
    Raises AnswerRefused.
    """
    root = _parsed(encoded)
    _require_one_assertion(root)
    try:
        auth = OneLogin_Saml2_Auth(_request(provider, {"SAMLResponse": encoded}), _settings(provider))
        auth.process_response(request_id=request_id)
    except (OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError, etree.XMLSyntaxError, ValueError) as error:
        raise AnswerRefused(str(error)[:200]) from error
    if auth.get_errors() or not auth.is_authenticated():
        raise AnswerRefused(str(auth.get_last_error_reason() or auth.get_errors())[:200])
    # The library accepts an assertion that names no request: one made for another sign-in could be put in front of us.
    confirmed = {each.get("InResponseTo") for each in root.iter(f"{{{_NS['saml']}}}SubjectConfirmationData")}
    if confirmed != {request_id}:
        raise AnswerRefused("InResponseTo of the assertion")
    until = auth.get_last_assertion_not_on_or_after() or now.timestamp() + 3600
    return SamlAnswer(_identity(provider, auth), str(auth.get_last_assertion_id()), float(until))


def metadata_of(provider: SamlProvider) -> bytes:
    """Our own metadata, to be given to the provider."""
    settings = OneLogin_Saml2_Settings(_settings(provider), sp_validation_only=True)
    metadata = settings.get_sp_metadata()
    return metadata if isinstance(metadata, bytes) else str(metadata).encode()


@dataclass(frozen=True, slots=True)
class ReadMetadata:
    """What a provider's metadata says."""

    idp_entity_id: str
    sso_url: str
    certificates: tuple[str, ...]


def read_metadata(content: str) -> ReadMetadata:
    """Read a provider's metadata file. Raises DoorDown."""
    try:
        root = etree.fromstring(content.encode(), _parser())
    except etree.XMLSyntaxError as error:
        raise DoorDown("Tệp mô tả (metadata) không phải XML đọc được.") from error
    described = root if root.tag == f"{{{_NS['md']}}}EntityDescriptor" else root.find(".//md:EntityDescriptor", _NS)
    if described is None:
        raise DoorDown("Tệp mô tả (metadata) không có phần của nơi đăng nhập.")
    places = described.findall("md:IDPSSODescriptor/md:SingleSignOnService", _NS)
    address = next((each.get("Location", "") for each in places if each.get("Binding") == _REDIRECT), "")
    keys = [
        "".join((found.text or "").split())
        for key in described.findall("md:IDPSSODescriptor/md:KeyDescriptor", _NS)
        if key.get("use", "signing") == "signing"
        for found in key.findall(".//ds:X509Certificate", _NS)
    ]
    if not address or not keys:
        raise DoorDown("Tệp mô tả thiếu địa chỉ đăng nhập kiểu HTTP-Redirect hoặc chứng thư ký.")
    return ReadMetadata(described.get("entityID", ""), address, tuple(keys))


def _identity(provider: SamlProvider, auth: OneLogin_Saml2_Auth) -> Identity:
    attributes: dict[str, list[str]] = auth.get_attributes() or {}
    name_id, name_format = str(auth.get_nameid() or ""), str(auth.get_nameid_format() or "")
    wanted = (provider.email_attribute,) if provider.email_attribute else EMAIL_ATTRIBUTES
    by_name = {name.casefold(): values for name, values in attributes.items()}
    email = next((str(by_name[name.casefold()][0]) for name in wanted if by_name.get(name.casefold())), "")
    if not email and name_format == _EMAIL_FORMAT:
        email = name_id
    if provider.subject_attribute:
        subject = str((by_name.get(provider.subject_attribute.casefold()) or [""])[0])
    else:
        # A transient name is another one each time: the e-mail is the only lasting name then.
        subject = email.casefold() if name_format == _TRANSIENT else name_id
    if not 0 < len(subject) <= 255:
        raise AnswerRefused("no lasting name in the assertion")
    contexts = {str(each) for each in auth.get_last_authn_contexts() or []}
    return Identity(
        subject=subject,
        email=email,
        # The assertion is signed by the group's own provider, which keeps the e-mail accounts.
        email_is_verified=True,
        second_factor_done=bool(contexts & provider.second_factor_contexts),
        session=str(auth.get_session_index() or ""),
    )


def _require_one_assertion(root: etree._Element) -> None:
    if root.tag != f"{{{_NS['samlp']}}}Response":
        raise AnswerRefused("not a SAML response")
    assertions = list(root.iter(f"{{{_NS['saml']}}}Assertion"))
    if len(assertions) != 1 or assertions[0].getparent() is not root:
        raise AnswerRefused("exactly one assertion, below the response itself")
    identifiers = [each.get("ID") for each in root.iter() if each.get("ID") is not None]
    if len(identifiers) != len(set(identifiers)):
        raise AnswerRefused("an ID stands twice")


def _parsed(encoded: str) -> etree._Element:
    if not encoded or len(encoded) > ANSWER_LIMIT:
        raise AnswerRefused("length of the answer")
    try:
        return etree.fromstring(base64.b64decode(encoded), _parser())
    except (etree.XMLSyntaxError, binascii.Error, ValueError) as error:
        raise AnswerRefused("not XML") from error


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _request(provider: SamlProvider, posted: dict[str, str]) -> dict[str, Any]:
    scheme, _, rest = provider.acs_url.partition("://")
    host, _, path = rest.partition("/")
    return {
        "https": "on" if scheme == "https" else "off",
        "http_host": host,
        "script_name": f"/{path}",
        "get_data": {},
        "post_data": posted,
    }


def _settings(provider: SamlProvider) -> dict[str, Any]:
    if provider.sso_url and not outgoing.is_acceptable(provider.sso_url):
        raise DoorDown("Địa chỉ đăng nhập SAML phải bắt đầu bằng https://.")
    keys = [re.sub(r"-----[A-Z ]+-----|\s", "", each) for each in provider.certificates]
    return {
        "strict": True,
        "debug": False,
        "sp": {
            "entityId": provider.entity_id,
            "assertionConsumerService": {"url": provider.acs_url, "binding": _POST},
            "NameIDFormat": _UNSPECIFIED,
        },
        "idp": {
            "entityId": provider.idp_entity_id,
            "singleSignOnService": {"url": provider.sso_url, "binding": _REDIRECT},
            "x509cert": keys[0] if keys else "",
            "x509certMulti": {"signing": keys, "encryption": []},
        },
        "security": {
            "wantAssertionsSigned": True,
            "wantMessagesSigned": False,
            "wantNameId": True,
            "wantAttributeStatement": False,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
            "allowSingleLabelDomains": True,
        },
    }
