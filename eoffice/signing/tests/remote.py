"""Requests for signatures as tests need them: a service on loopback, a person connected to it, papers to sign."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from eoffice.core.models import StoredFile
from eoffice.organization.actor import Actor
from eoffice.signing import services
from eoffice.signing.models import AnchorPurpose, ProviderKind, SigningMethod, SigningProvider
from eoffice.signing.services import AskedPaper, OpenedRequest, Paper, ProviderEntry
from eoffice.signing.tests.factories import NOW, Cast, letter_pdf, letter_places, store_pdf
from eoffice.signing.tests.services_outside import csc, mysign, smartca
from eoffice.signing.tests.services_outside.frame import Service

SETTINGS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    ProviderKind.SMARTCA: (
        {"sp_id": smartca.SP_ID, "status_id": "transaction_id", "refused_words": "", "expired_words": ""},
        {"sp_password": smartca.SP_PASSWORD},
    ),
    ProviderKind.SMARTCA_V2: ({"sp_id": smartca.SP_ID}, {"sp_password": smartca.SP_PASSWORD}),
    ProviderKind.MYSIGN: (
        {"client_id": mysign.CLIENT_ID, "profile_id": mysign.PROFILE, "mode": "1"},
        {"client_secret": mysign.CLIENT_SECRET},
    ),
    ProviderKind.CSC: (
        {"client_id": csc.CLIENT_ID, "version": "2", "asks": "", "batch": "once"},
        {"client_secret": csc.CLIENT_SECRET},
    ),
    ProviderKind.VGCA: (
        {
            "upload_answer": "true",
            "call_official": "SignApproved",
            "call_other": "SignApproved",
            "call_seal": "SignIssued",
        },
        {},
    ),
}


def provider_entry(
    kind: str, base_url: str, *, settings: Mapping[str, str] | None = None, **more: Any
) -> ProviderEntry:
    """What an administrator types for a service on loopback."""
    plain, secrets = SETTINGS[kind]
    values: dict[str, Any] = {
        "name": "Ký trên điện thoại",
        "base_url": base_url,
        "is_on": True,
        "timeout_s": 5,
        "confirm_s": 300,
        "settings": {**plain, **(settings or {})},
        "secrets": secrets,
    }
    return ProviderEntry(**{**values, **more})


def connect(
    administrator: Actor,
    service: Service,
    kind: str = ProviderKind.SMARTCA,
    *,
    settings: Mapping[str, str] | None = None,
    now: datetime = NOW,
) -> SigningProvider:
    """The administrator connects the service and trusts its authority."""
    entry_of_root = services.AnchorEntry(
        certificate=service.root.der, purpose=AnchorPurpose.TEST, basis="Dịch vụ mô phỏng"
    )
    services.add_trust_anchor(actor=administrator, entry=entry_of_root, now=now)
    entry = provider_entry(kind, service.base_url, settings=settings)  # type: ignore[attr-defined]  # each has one
    return services.add_provider(actor=administrator, kind=kind, entry=entry, now=now)


def method_of(
    actor: Actor, service: Service, provider: SigningProvider, *, account: str = "001085012345", now: datetime = NOW
) -> SigningMethod:
    """The person takes his certificate there as a way of signing."""
    holder = service.holders.get(account) or service.add(account, actor.name)
    return services.add_method(actor=actor, provider_id=provider.pk, account=account, serial=holder.serial, now=now)


def prepared(number: int = 1) -> StoredFile:
    """A signing file with its empty fields."""
    source = store_pdf(letter_pdf(f"Nội dung công văn thứ {number}."))
    return services.prepare_file(source_sha=source.pk, places=letter_places()).stored


def asked_papers(count: int, *, first: int = 1) -> list[AskedPaper]:
    """Papers of a caller who calls his files 1, 2, 3."""
    return [
        AskedPaper(
            paper=Paper(source_sha=prepared(number).pk, field="ky_1", mark=None),
            title=f"Công văn thứ {number}",
            subject_kind="tests.paper",
            subject_id=number,
            again=f"ids={number}",
        )
        for number in range(first, first + count)
    ]


def ask(cast: Cast, method: SigningMethod, count: int = 1, *, now: datetime = NOW, **more: Any) -> OpenedRequest:
    """The leader asks for signatures on so many papers."""
    return services.ask_for_signatures(
        actor=cast.leader, method=method, papers=asked_papers(count), description="Ky van ban", back="", now=now, **more
    )
