"""VNPT SmartCA, gateway SP769 v1 and v2 (digital-signature D.1)."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Mapping
from typing import Any

from asn1crypto import algos, cms
from asn1crypto import x509 as asn1_x509

from eoffice.signing.tests.services_outside.frame import (
    CONFIRMED,
    EXPIRED,
    REFUSED,
    WAITING,
    Answer,
    Holder,
    Job,
    Service,
)

SP_ID, SP_PASSWORD = "4184-thu.apps.smartcaapi.com", "bi-mat-thu"
PASSWORD, OTP = "Mat-khau-91", "482913"
PREFIX = "/sca/sp769"


class SmartCaService(Service):
    """`webhook` is called with what was decided; `as_cms` wraps values in a SignedData; `wants_tran_code` turns the
    open question of the document the other way."""

    webhook = ""
    as_cms = False
    wants_tran_code = False
    shuffles = True

    @property
    def base_url(self) -> str:
        return self.url + PREFIX

    def answer(self, path: str, body: dict[str, Any], headers: Mapping[str, str]) -> Answer:
        path = path.removeprefix(PREFIX)
        if path.startswith("/v1/signatures/sign/") and path.endswith("/status"):
            return self._status(path.split("/")[4])
        if (body.get("sp_id"), body.get("sp_password")) != (SP_ID, SP_PASSWORD):
            return _envelope(401, "SP_CREDENTIAL_INVALID")
        holder = self.holders.get(str(body.get("user_id")))
        if holder is None:
            return _envelope(401, "SP_CREDENTIAL_INVALID")
        if path == "/v1/credentials/get_certificate":
            return _envelope(200, "Success", self._certificates(holder, body))
        if path == "/v1/signatures/sign":
            return self._sign(holder, body)
        if path == "/v2/signatures/sign":
            return self._sign_at_once(holder, body)
        if path == "/v2/signatures/confirm":
            return self._confirm(body)
        return _envelope(404, "NOT_FOUND")

    def _certificates(self, holder: Holder, body: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "user_certificates": [
                {
                    "service_type": "SMARTCA",
                    "service_name": "SmartCA cá nhân",
                    "cert_id": f"cert-{holder.serial[:8]}",
                    "cert_status": holder.status,
                    "serial_number": holder.serial,
                    "cert_subject": holder.certificate.subject.rfc4514_string(),
                    "cert_valid_from": holder.certificate.not_valid_before_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "cert_valid_to": holder.certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "cert_data": base64.encodebytes(holder.der).decode().replace("\n", "\r\n"),
                    "chain_data": {"ca_cert": base64.b64encode(self.issuing.der).decode(), "root_cert": None},
                    "transaction_id": body.get("transaction_id"),
                }
            ]
        }

    def _sign(self, holder: Holder, body: Mapping[str, Any]) -> Answer:
        job = self._job(holder, body)
        if isinstance(job, str):
            return _envelope(400, job)
        return _envelope(
            200, "sig_wait_for_user_confirm", {"transaction_id": job.id, "tran_code": f"TC{job.id[:8].upper()}"}
        )

    def _job(self, holder: Holder, body: Mapping[str, Any]) -> Job | str:
        if holder.status != "Đang hoạt động":
            return "CREDENTIAL_STATUS_INVALID"
        files = body.get("sign_files") or []
        transaction = str(body.get("transaction_id") or "")
        if not files or not transaction or transaction in self.jobs:
            return "BAD_REQUEST"
        for line in files:
            text = str(line.get("data_to_be_signed"))
            good = line.get("sign_type") == "hash" and line.get("file_type") in {"pdf", "xml", "word", "json"}
            if not good or len(text) != 64 or text != text.lower():
                return "BAD_REQUEST"
        documents = [(str(line["doc_id"]), bytes.fromhex(line["data_to_be_signed"])) for line in files]
        job = Job(transaction, holder, documents, str(body.get("transaction_desc") or ""))
        job.expires_at = job.made + self.lasts_s
        self.jobs[transaction] = job
        return job

    def _status(self, wanted: str) -> Answer:
        codes = {f"TC{job.id[:8].upper()}": job for job in self.jobs.values()}
        job = codes.get(wanted) if self.wants_tran_code else self.jobs.get(wanted)
        if job is None:
            return _envelope(400, "TRANSACTION_NOT_FOUND")
        state = job.now_is()
        if state == CONFIRMED:
            return _envelope(200, "SUCCESS", {"transaction_id": job.id, "signatures": self._signatures(job)})
        message = {WAITING: "sig_wait_for_user_confirm", REFUSED: "USER_REJECTED", EXPIRED: "TRANSACTION_EXPIRED"}
        return _envelope(200, message[state], {"transaction_id": job.id, "signatures": None})

    def _signatures(self, job: Job) -> list[dict[str, Any]]:
        lines = [
            {
                "doc_id": doc_id,
                "signature_value": base64.b64encode(self._value(job.holder, digest)).decode(),
                "timestamp_signature": None,
            }
            for doc_id, digest in job.documents
        ]
        return list(reversed(lines)) if self.shuffles else lines

    def _value(self, holder: Holder, digest: bytes) -> bytes:
        raw = holder.sign(digest)
        return _as_cms(holder, raw) if self.as_cms else raw

    def decided(self, job: Job) -> None:
        """Nothing authenticates their call: it only says that something is new."""
        if not self.webhook:
            return
        told = {
            "sp_id": SP_ID,
            "status_code": 200 if job.state == CONFIRMED else 400,
            "message": "SUCCESS" if job.state == CONFIRMED else "USER_REJECTED",
            "transaction_id": job.id,
            "signed_files": [{"doc_id": doc_id} for doc_id, _ in job.documents],
        }
        request = urllib.request.Request(
            self.webhook, data=json.dumps(told).encode(), headers={"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=10).close()

    def _sign_at_once(self, holder: Holder, body: Mapping[str, Any]) -> Answer:
        if holder.is_locked:
            return _envelope(403, "CREDENTIAL_STATUS_INVALID")
        if (body.get("password"), body.get("otp")) != (PASSWORD, OTP):
            holder.wrong_tries += 1
            holder.is_locked = holder.wrong_tries >= 5
            return _envelope(401, "SP_CREDENTIAL_INVALID")
        if body.get("serial_number") != holder.serial:
            return _envelope(400, "BAD_REQUEST")
        job = self._job(holder, body)
        if isinstance(job, str):
            return _envelope(400, job)
        said = {"transaction_id": job.id, "tran_code": "TC", "sad": f"sad.{job.id}.jwt", "expired_in": 299}
        return _envelope(200, "sig_wait_for_user_confirm", said)

    def _confirm(self, body: Mapping[str, Any]) -> Answer:
        job = self.jobs.get(str(body.get("transaction_id")))
        if job is None or body.get("sad") != f"sad.{job.id}.jwt" or body.get("password") != PASSWORD:
            return _envelope(401, "SP_CREDENTIAL_INVALID")
        job.state = CONFIRMED
        return _envelope(200, "SUCCESS", {"signatures": self._signatures(job), "expired_in": 299})


def _envelope(code: int, message: str, data: object = None) -> Answer:
    return code, {"status_code": code, "message": message, "data": data}


def _as_cms(holder: Holder, value: bytes) -> bytes:
    certificate = asn1_x509.Certificate.load(holder.der)
    identifier = cms.SignerIdentifier(
        {"issuer_and_serial_number": {"issuer": certificate.issuer, "serial_number": certificate.serial_number}}
    )
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": identifier,
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}),
            "signature": value,
        }
    )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
            "encap_content_info": {"content_type": "data"},
            "certificates": [certificate],
            "signer_infos": [signer],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())
