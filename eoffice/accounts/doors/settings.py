"""From a door's row to what its protocol needs: the one place that opens its secret."""

from __future__ import annotations

from typing import Final

from eoffice.accounts.doors.directory import Directory
from eoffice.accounts.doors.identity import DoorDown
from eoffice.accounts.doors.mailbox import Mailbox
from eoffice.accounts.doors.oidc import Provider
from eoffice.accounts.doors.saml import SamlProvider
from eoffice.accounts.models import Door
from eoffice.core import secret_text

SECRET_CONTEXT: Final = "accounts_door.secret"  # noqa: S105 - where it is kept, not what it is
DEFAULT_AMR: Final = "mfa otp sms swk hwk fpt face"
"""RFC 8176: values that say something was had or is, besides what was known."""


def secret_of(door: Door) -> str:
    """The door's secret in the clear. Raises DoorDown when this installation's key does not open it."""
    if not door.secret:
        return ""
    try:
        return secret_text.decrypt(door.secret, context=SECRET_CONTEXT)
    except secret_text.Unreadable as error:
        raise DoorDown("Khóa bí mật của cửa này không mở được trên máy chủ này. Nhập lại khóa bí mật.") from error


def provider_of(door: Door, *, redirect_uri: str) -> Provider:
    kept = door.settings
    return Provider(
        issuer=str(kept.get("issuer", "")),
        client_id=str(kept.get("client_id", "")),
        client_secret=secret_of(door),
        redirect_uri=redirect_uri,
        scopes=str(kept.get("scopes") or "openid email profile"),
        trusts_email=bool(kept.get("trusts_email")),
        second_factor_amr=frozenset(str(kept.get("amr", DEFAULT_AMR)).split()),
        second_factor_acr=frozenset(str(kept.get("acr", "")).split()),
    )


def directory_of(door: Door) -> Directory:
    kept = door.settings
    return Directory(
        host=str(kept.get("host", "")),
        port=int(kept.get("port") or 636),
        security=str(kept.get("security", "ldaps")),
        ca_pem=str(kept.get("ca_pem", "")),
        reader_dn=str(kept.get("reader_dn", "")),
        reader_password=secret_of(door),
        base_dn=str(kept.get("base_dn", "")),
        person_filter=str(kept.get("person_filter") or "(&(objectClass=person)(mail={login}))"),
        email_attribute=str(kept.get("email_attribute") or "mail"),
        subject_attribute=str(kept.get("subject_attribute") or "entryUUID"),
    )


def mailbox_of(door: Door) -> Mailbox:
    kept = door.settings
    return Mailbox(
        host=str(kept.get("host", "")),
        port=int(kept.get("port") or 993),
        security=str(kept.get("security", "tls")),
        ca_pem=str(kept.get("ca_pem", "")),
        login_is_local_part=bool(kept.get("login_is_local_part")),
    )


def saml_provider_of(door: Door, *, entity_id: str, acs_url: str) -> SamlProvider:
    kept = door.settings
    return SamlProvider(
        idp_entity_id=str(kept.get("idp_entity_id", "")),
        sso_url=str(kept.get("sso_url", "")),
        certificates=tuple(str(each) for each in kept.get("certificates") or ()),
        entity_id=entity_id,
        acs_url=acs_url,
        email_attribute=str(kept.get("email_attribute", "")),
        subject_attribute=str(kept.get("subject_attribute", "")),
        second_factor_contexts=frozenset(str(kept.get("acr", "")).split()),
    )
