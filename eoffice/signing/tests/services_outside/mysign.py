"""Viettel MySign (digital-signature D.2): numbers are strings, the status carries no document ids, values hold CRLF."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from typing import Any

from eoffice.signing.tests.services_outside.frame import CONFIRMED, EXPIRED, REFUSED, WAITING, Answer, Job, Service

CLIENT_ID, CLIENT_SECRET, PROFILE = "txg-eoffice", "bi-mat-thu", "adss:ras:profile:001"
_PLAIN = re.compile(r"[A-Za-z0-9_\- ]+")
_CODES = {WAITING: "4000", CONFIRMED: "1", REFUSED: "4002", EXPIRED: "4001"}


class MySignService(Service):
    """`ends_with` makes every status this code instead."""

    ends_with = ""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.tokens: dict[str, str] = {}

    @property
    def base_url(self) -> str:
        return self.url

    def answer(self, path: str, body: dict[str, Any], headers: Mapping[str, str]) -> Answer:
        if path == "/vtss/service/ras/v1/login":
            return self._login(body)
        account = self.tokens.get((headers.get("Authorization") or "").removeprefix("Bearer "))
        if account is None:
            return 401, {"error": "invalid_token"}
        if path == "/vtss/service/certificates/info":
            return 200, self._certificates(account)
        if path == "/vtss/service/signHash":
            return self._sign(account, body)
        if path == "/vtss/service/requests/status":
            return self._status(body)
        return 404, {}

    def _login(self, body: Mapping[str, Any]) -> Answer:
        if body.get("client_id") != CLIENT_ID:
            return 400, {"error_code": "58007"}
        if body.get("client_secret") != CLIENT_SECRET or body.get("profile_id") != PROFILE:
            return 400, {"error_code": "86024"}
        if body.get("user_id") not in self.holders:
            return 400, {"error_code": "58008"}
        token = secrets.token_hex(16)
        self.tokens[token] = str(body["user_id"])
        return 200, {"access_token": token, "refresh_token": "", "token_type": "bearer", "expires_in": "3600"}

    def _certificates(self, account: str) -> list[dict[str, Any]]:
        holder = self.holders[account]
        chain = [holder.der, self.issuing.der]
        return [
            {
                "credential_id": f"{account}-{holder.serial[:6]}",
                "cert": {
                    "status": "valid",
                    "certificates": [base64.encodebytes(der).decode().replace("\n", "\r\n") for der in chain],
                    "issuerDN": holder.certificate.issuer.rfc4514_string(),
                    "serialNumber": holder.serial,
                    "subjectDN": holder.certificate.subject.rfc4514_string(),
                    "validFrom": holder.certificate.not_valid_before_utc.strftime("%Y%m%d%H%M%S+0000"),
                    "validTo": holder.certificate.not_valid_after_utc.strftime("%Y%m%d%H%M%S+0000"),
                },
                "key": {"status": "enabled", "algo": ["1.2.840.113549.1.1.1"], "len": "2048"},
                "authMode": "explicit",
                "multisign": "100",
                "scal": "2",
            }
        ]

    def _sign(self, account: str, body: Mapping[str, Any]) -> Answer:
        documents, values = body.get("documents") or [], body.get("hash") or []
        names = [str(line.get("document_name")) for line in documents] + [str(body.get("description"))]
        plain = all(len(name) < 100 and _PLAIN.fullmatch(base64.b64decode(name).decode()) for name in names)
        fits = len(documents) == len(values) == body.get("numSignatures") and len(values) > 0
        named = body.get("credentialID") == self._certificates(account)[0]["credential_id"]
        algorithms = (body.get("hashAlgo"), body.get("signAlgo"))
        if not (plain and fits and named) or algorithms != ("2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.1"):
            return 400, {"error_code": "4004", "error_description": "bad request"}
        pairs = [
            (str(line["document_id"]), base64.b64decode(value)) for line, value in zip(documents, values, strict=True)
        ]
        words = base64.b64decode(body["description"]).decode()
        job = Job(secrets.token_hex(12), self.holders[account], pairs, words)
        job.expires_at = job.made + self.lasts_s
        self.jobs[job.id] = job
        return 200, {"transactionId": job.id}

    def _status(self, body: Mapping[str, Any]) -> Answer:
        job = self.jobs.get(str(body.get("transactionId")))
        if job is None:
            return 200, {"status": "4004"}
        if self.ends_with:
            return 200, {"status": self.ends_with}
        state = job.now_is()
        if state != CONFIRMED:
            return 200, {"status": _CODES[state]}
        values = [
            base64.encodebytes(job.holder.sign(digest)).decode().replace("\n", "\r\n") for _, digest in job.documents
        ]
        return 200, {"status": "1", "signatures": values}
