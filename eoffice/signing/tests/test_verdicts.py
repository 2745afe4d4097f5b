"""Verdicts on files that were altered in every way digital-signature A.6 and C name, beside independent verifiers."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.keys import load_private_key_from_pemder_data
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from eoffice.signing.engine.authority import KeyAlgorithm, generate_key, make_root
from eoffice.signing.engine.filling import fill_number_and_date
from eoffice.signing.engine.preparing import prepare
from eoffice.signing.engine.signing import LongTerm, SoftwareKey, check_certificate, sign_pdf
from eoffice.signing.engine.verdicts import FileState, TrustAnchors, Verdict, Word
from eoffice.signing.engine.verifying import verify_file, verify_files
from eoffice.signing.errors import CertificateUnusable, FieldTaken
from eoffice.signing.tests.factories import DATE_LINE, NOW, Pki, Trip, letter_pdf, letter_places, whole_way

OPEN = frozenset({"so", "ngay"})


def words(verdict: Verdict) -> list[Word]:
    return [signature.verdict for signature in verdict.signatures]


def changed(source: Path, target: Path, content: bytes) -> Path:
    assert content != source.read_bytes()
    target.write_bytes(content)
    return target


def holes(path: Path) -> list[tuple[int, int, int, int]]:
    """The byte ranges of a file's signatures, in file order."""
    found = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", path.read_bytes())
    return sorted((int(a), int(b), int(c), int(d)) for a, b, c, d in found)


def pdfsig_lines(path: Path) -> list[tuple[str, bool]]:
    """What pdfsig says of each signature: its validation line, and whether it covers the whole document."""
    said = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    blocks = said.split("Signature #")[1:]
    return [
        (
            re.search(r"Signature Validation: (.*)", block)[1],  # type: ignore[index]  # absent is a failure
            "- Total document signed" in block,
        )
        for block in blocks
    ]


def openssl_verifies(path: Path, root: bytes, directory: Path) -> list[bool]:
    """CMS and content cut out by byte range, verified up to `root` by openssl."""
    anchor = directory / "root.pem"
    anchor.write_bytes(x509.load_der_x509_certificate(root).public_bytes(serialization.Encoding.PEM))
    content, results = path.read_bytes(), []
    for number, (_, first, second, last) in enumerate(holes(path)):
        cms, data = directory / f"{number}.cms", directory / f"{number}.bin"
        cms.write_bytes(bytes.fromhex(content[first + 1 : second - 1].decode()))
        data.write_bytes(content[:first] + content[second : second + last])
        ran = subprocess.run(
            ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(cms), "-content", str(data),
             "-CAfile", str(anchor), "-purpose", "any", "-attime", str(int(NOW.timestamp())), "-out", "/dev/null"],
            capture_output=True, check=False,
        )  # fmt: skip
        results.append(ran.returncode == 0)
    return results


@pytest.mark.parametrize("signers", [1, 2, 3])
def test_whole_way_is_valid_for_us_for_pdfsig_and_for_openssl(tmp_path: Path, pki: Pki, signers: int):
    trip = whole_way(tmp_path, pki, signers=signers)

    verdict = verify_file(trip.sealed, pki.trust(), NOW)

    assert verdict.verdict is Word.VALID
    assert words(verdict) == [Word.VALID] * (signers + 1)
    assert [line.level for line in verdict.signatures] == ["B-B"] * (signers + 1)
    assert {line.time for line in verdict.signatures} == {"2026-11-23T08:00:00+07:00"}
    assert [line[0] for line in pdfsig_lines(trip.sealed)] == ["Signature is Valid."] * (signers + 1)
    assert [line[1] for line in pdfsig_lines(trip.sealed)] == [False] * signers + [True]
    assert openssl_verifies(trip.sealed, pki.root.der, tmp_path) == [True] * (signers + 1)


def test_sealed_letter_shows_number_and_date_with_embedded_fonts(trip: Trip):
    text = subprocess.run(["pdftotext", "-layout", str(trip.sealed), "-"], capture_output=True, text=True, check=True)
    fonts = subprocess.run(["pdffonts", str(trip.sealed)], capture_output=True, text=True, check=True)

    assert "5648" in text.stdout
    assert DATE_LINE in text.stdout
    assert [line.split()[-5] for line in fonts.stdout.splitlines()[2:]] == ["yes"] * 4
    with pikepdf.open(trip.sealed) as pdf:
        fields = {str(line.T): line for line in pdf.Root.AcroForm.Fields}
        assert {name: line.AP.N.Type for name, line in fields.items()} == dict.fromkeys(
            ["so", "ngay", "ky_1", "dau"], pikepdf.Name.XObject
        )
        assert all(len(line.AP.N.read_bytes()) > 0 for line in fields.values())


def test_nothing_of_the_signed_file_is_rewritten(trip: Trip):
    assert trip.signed[0].read_bytes().startswith(trip.prepared.read_bytes())
    assert trip.numbered.read_bytes().startswith(trip.signed[0].read_bytes())
    assert trip.sealed.read_bytes().startswith(trip.numbered.read_bytes())


def test_one_signature_grows_the_file_by_less_than_thirty_kilobytes(trip: Trip):
    sizes = [path.stat().st_size for path in (trip.prepared, trip.signed[0], trip.numbered, trip.sealed)]

    assert all(after - before < 30 * 1024 for before, after in pairwise(sizes))


def test_numbered_but_unsealed_is_valid_only_for_our_own_flow(trip: Trip, pki: Pki):
    assert verify_file(trip.numbered, pki.trust(), NOW, open_fields=OPEN).verdict is Word.VALID
    assert verify_file(trip.numbered, pki.trust(), NOW).verdict is Word.INDETERMINATE


def test_json_has_exactly_the_promised_keys(trip: Trip, pki: Pki):
    verdict = verify_file(trip.sealed, pki.trust(), NOW)
    spoken = json.loads(json.dumps(verdict.to_json()))

    assert set(spoken) == {"verdict", "reason", "signatures"}
    assert set(spoken["signatures"][0]) == {
        "field", "signer", "verdict", "reason", "time", "time_source", "level", "changes",
        "indication", "sub_indication",
    }  # fmt: skip
    assert spoken["signatures"][0]["time_source"] == "claimed"
    assert [(line["field"], line["kind"], line["allowed"]) for line in spoken["signatures"][0]["changes"]] == [
        ("dau", "signature", True), ("ngay", "filled", True), ("so", "filled", True),
    ]  # fmt: skip
    assert Verdict.from_record(json.loads(json.dumps(verdict.to_record()))) == verdict


def test_flipped_byte_of_the_page_is_invalid_for_all(tmp_path: Path, trip: Trip, pki: Pki):
    content = bytearray(trip.sealed.read_bytes())
    content[content.index(b"stream\n") + 60] ^= 1

    altered = changed(trip.sealed, tmp_path / "x.pdf", bytes(content))

    assert words(verify_file(altered, pki.trust(), NOW)) == [Word.INVALID, Word.INVALID]
    assert all(line != "Signature is Valid." for line, _ in pdfsig_lines(altered))


@pytest.mark.parametrize(
    "tail",
    [b"%later", b"9 0 obj\n<</Type/Page>>\nendobj\n", b"\n9 0 obj\n<<>>\nendobj\nstartxref\n0\n%%EOF\n", b"\n%%EOF\n"],
)
def test_bytes_after_the_end_are_never_valid(tmp_path: Path, trip: Trip, pki: Pki, tail: bytes):
    altered = changed(trip.sealed, tmp_path / "x.pdf", trip.sealed.read_bytes() + tail)

    assert Word.VALID not in words(verify_file(altered, pki.trust(), NOW))


def test_white_space_after_the_end_changes_nothing(tmp_path: Path, trip: Trip, pki: Pki):
    altered = changed(trip.sealed, tmp_path / "x.pdf", trip.sealed.read_bytes() + b"\r\n")

    assert verify_file(altered, pki.trust(), NOW).verdict is Word.VALID


def refill(source: Path, target: Path, *, value: str | None, drawing: bytes | None) -> Path:
    with source.open("rb") as original, target.open("wb") as output:
        writer = IncrementalPdfFileWriter(original)
        field = next(
            line.get_object() for line in writer.root["/AcroForm"]["/Fields"] if line.get_object()["/T"] == "so"
        )
        if value is not None:
            field[pdf_name("/V")] = generic.TextStringObject(value)
        if drawing is not None:
            form = generic.StreamObject(
                {pdf_name("/Type"): pdf_name("/XObject"), pdf_name("/Subtype"): pdf_name("/Form"),
                 pdf_name("/BBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 44, 16)))},
                stream_data=drawing,
            )  # fmt: skip
            field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(form)})
        writer.update_container(field)
        writer.write(output)
    return target


def test_number_refilled_after_the_seal_is_invalid(tmp_path: Path, trip: Trip, pki: Pki):
    altered = refill(trip.sealed, tmp_path / "x.pdf", value="9999", drawing=None)

    assert words(verify_file(altered, pki.trust(), NOW))[1] is Word.INVALID
    assert [line for line, _ in pdfsig_lines(altered)] == ["Signature is Valid."] * 2, "pdfsig cannot tell"


def test_number_redrawn_before_the_seal_is_not_valid(tmp_path: Path, trip: Trip, pki: Pki):
    redrawn = refill(trip.numbered, tmp_path / "redrawn.pdf", value=None, drawing=b"0 0 44 16 re f")
    sealed = tmp_path / "x.pdf"
    sign_pdf(redrawn, sealed, key=trip.seal_key, field="dau", mark=None, now=NOW)

    verdict = verify_file(sealed, pki.trust(), NOW)

    assert words(verdict) == [Word.INDETERMINATE, Word.VALID]
    assert verdict.verdict is Word.INDETERMINATE


def test_value_that_differs_from_its_drawing_is_not_valid(tmp_path: Path, trip: Trip, pki: Pki):
    forged = refill(trip.signed[0], tmp_path / "forged.pdf", value="1", drawing=b"0 0 44 16 re f")
    sealed = tmp_path / "x.pdf"
    sign_pdf(forged, sealed, key=trip.seal_key, field="dau", mark=None, now=NOW)

    assert words(verify_file(sealed, pki.trust(), NOW)) == [Word.INDETERMINATE, Word.VALID]


def test_new_empty_signature_field_after_the_seal_is_never_valid(tmp_path: Path, trip: Trip, pki: Pki):
    altered = tmp_path / "x.pdf"
    with trip.sealed.open("rb") as original, altered.open("wb") as output:
        writer = IncrementalPdfFileWriter(original)
        append_signature_field(writer, SigFieldSpec("sao_y", box=(400, 780, 580, 830)))
        writer.write(output)

    assert Word.VALID not in words(verify_file(altered, pki.trust(), NOW))


def test_stranger_cannot_cover_a_letter_with_a_signature_of_his_own(tmp_path: Path, trip: Trip, pki: Pki):
    """A mark drawn over the text under a home-made certificate must not leave the leader's signature "valid"."""
    stranger = Pki().key("Nguyễn Văn Hùng")
    opened, altered = tmp_path / "opened.pdf", tmp_path / "x.pdf"
    with trip.signed[0].open("rb") as original, opened.open("wb") as output:
        writer = IncrementalPdfFileWriter(original)
        append_signature_field(writer, SigFieldSpec("la", box=(80, 500, 500, 700)))
        writer.write(output)
    sign_pdf(opened, altered, key=stranger, field="la", mark=None, now=NOW)

    assert Word.VALID not in words(verify_file(altered, pki.trust(), NOW))


def test_other_value_in_the_hole_is_not_valid(tmp_path: Path, trip: Trip, pki: Pki):
    (_, _, second, _) = holes(trip.sealed)[1]
    content = bytearray(trip.sealed.read_bytes())
    content[second - 3] = ord("1")

    altered = changed(trip.sealed, tmp_path / "x.pdf", bytes(content))

    assert words(verify_file(altered, pki.trust(), NOW))[1] is Word.INVALID


def test_sub_filter_we_cannot_check_is_named_and_never_hidden(tmp_path: Path, trip: Trip, pki: Pki):
    content = trip.signed[0].read_bytes().replace(b"/ETSI.CAdES.detached", b"/adbe.x509.rsa_sha1 ")

    verdict = verify_file(changed(trip.signed[0], tmp_path / "x.pdf", content), pki.trust(), NOW)

    assert verdict.state is FileState.SIGNED
    assert words(verdict) == [Word.INDETERMINATE]


def test_field_that_borrows_anothers_value_is_not_valid(tmp_path: Path, trip: Trip, pki: Pki):
    altered = tmp_path / "x.pdf"
    with trip.signed[0].open("rb") as original, altered.open("wb") as output:
        writer = IncrementalPdfFileWriter(original)
        fields = {str(line.get_object()["/T"]): line.get_object() for line in writer.root["/AcroForm"]["/Fields"]}
        fields["dau"][pdf_name("/V")] = fields["ky_1"].raw_get("/V")
        writer.update_container(fields["dau"])
        writer.write(output)

    assert Word.VALID not in words(verify_file(altered, pki.trust(), NOW))


def test_revoked_certificate_is_invalid(tmp_path: Path):
    pki = Pki()
    trip = whole_way(tmp_path, pki)
    pki.revoke(trip.keys[0], at=NOW + timedelta(hours=1))

    verdict = verify_file(trip.sealed, pki.trust(now=NOW + timedelta(hours=2)), NOW + timedelta(hours=2))

    assert words(verdict) == [Word.INVALID, Word.VALID]
    assert "thu hồi ngày 23/11/2026" in verdict.signatures[0].reason


def test_expired_certificate_without_time_stamp_is_indeterminate(tmp_path: Path, pki: Pki):
    trip = whole_way(tmp_path, pki)
    later = NOW + timedelta(days=400)

    verdict = verify_file(trip.sealed, pki.trust(now=later), later)

    assert set(words(verdict)) == {Word.INDETERMINATE}
    assert "ngoài thời hạn" in verdict.reason


def test_unknown_chain_is_indeterminate_with_its_reason(trip: Trip):
    verdict = verify_file(trip.sealed, TrustAnchors(), NOW)

    assert set(words(verdict)) == {Word.INDETERMINATE}
    assert "chưa biết nơi cấp" in verdict.reason
    assert all(signature.intact for signature in verdict.signatures)


def test_missing_revocation_list_is_indeterminate(trip: Trip, pki: Pki):
    trust = TrustAnchors(roots=(pki.root.der,), intermediates=(pki.issuing.der,))

    assert set(words(verify_file(trip.sealed, trust, NOW))) == {Word.INDETERMINATE}


def time_stamper(pki: Pki) -> DummyTimeStamper:
    key = generate_key(KeyAlgorithm.RSA_2048)  # the stand-in speaks RSA only
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Dấu thời gian thử")]))
        .issuer_name(pki.issuing.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=3000))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(pki.issuing.private_key, hashes.SHA256())
    )
    store = SimpleCertificateStore()
    store.register(asn1_x509.Certificate.load(pki.issuing.der))
    private_der = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return DummyTimeStamper(
        asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)),
        load_private_key_from_pemder_data(private_der, passphrase=None),
        certs_to_embed=store,
        fixed_dt=NOW,
    )


@pytest.mark.parametrize(("with_lists", "level"), [(False, "B-T"), (True, "B-LT")])
def test_time_stamped_letter_stays_valid_after_revocation_and_says_so(tmp_path: Path, with_lists: bool, level: str):
    pki = Pki()
    long_term = LongTerm(
        time_stamper=time_stamper(pki), trust_roots=(pki.root.der,), intermediates=(pki.issuing.der,),
        crls=pki.crls() if with_lists else (),
    )  # fmt: skip
    trip = whole_way(tmp_path, pki, long_term=long_term)
    pki.revoke(trip.keys[0], at=NOW + timedelta(hours=1))
    later = NOW + timedelta(hours=2)

    verdict = verify_file(trip.sealed, pki.trust(now=later, time_stamp_roots=(pki.root.der,)), later)

    assert [line.level for line in verdict.signatures] == [level, level]
    assert words(verdict) == [Word.VALID, Word.VALID]
    assert {line.time_source.value for line in verdict.signatures} == {"time_stamp"}


def test_authority_below_a_root_may_be_the_anchor_and_its_lists_count(tmp_path: Path):
    pki = Pki()
    trip = whole_way(tmp_path, pki, long_term=LongTerm(time_stamper=time_stamper(pki)))
    later = NOW + timedelta(hours=2)

    def believed() -> TrustAnchors:
        alone = (pki.issuing.der,)
        return TrustAnchors(roots=alone, time_stamp_roots=alone, crls=pki.crls(now=later)[1:])

    assert words(verify_file(trip.sealed, believed(), later)) == [Word.VALID, Word.VALID]
    assert words(verify_file(trip.sealed, replace(believed(), crls=()), later)) == [Word.INDETERMINATE] * 2
    pki.revoke(trip.keys[0], at=NOW - timedelta(hours=1))
    assert words(verify_file(trip.sealed, believed(), later)) == [Word.INVALID, Word.VALID]


def test_unknown_time_stamping_authority_is_not_valid(tmp_path: Path):
    pki = Pki()
    trip = whole_way(tmp_path, pki, long_term=LongTerm(time_stamper=time_stamper(pki)))

    verdict = verify_file(trip.sealed, pki.trust(time_stamp_roots=(make_root(name="Khác", now=NOW).der,)), NOW)

    assert set(words(verdict)) == {Word.INDETERMINATE}


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"", FileState.UNREADABLE),
        (b"MZ\x90\x00" * 400, FileState.UNREADABLE),
        (b"%PDF-1.7\n", FileState.UNREADABLE),
        (letter_pdf()[:4000], FileState.UNREADABLE),
        (letter_pdf(), FileState.UNSIGNED),
    ],
)
def test_what_cannot_be_read_is_said_and_never_valid(tmp_path: Path, content: bytes, state: FileState):
    path = tmp_path / "x.pdf"
    path.write_bytes(content)

    verdict = verify_file(path, TrustAnchors(), NOW)

    assert (verdict.state, verdict.verdict) == (state, Word.INDETERMINATE)


def test_broken_file_is_told_in_words_with_its_error_only_as_support_code(tmp_path: Path):
    path = tmp_path / "x.pdf"
    path.write_bytes(letter_pdf()[:4000])

    reason = verify_file(path, TrustAnchors(), NOW).reason

    words, _, code = reason.partition("Mã hỗ trợ: ")
    assert words == "Tệp bị hỏng hoặc tải về chưa đủ nên không đọc được. Xin lại tệp gốc rồi kiểm tra lại. "
    assert code.endswith("Error.")


def test_encrypted_file_is_unreadable(tmp_path: Path):
    source, path = tmp_path / "s.pdf", tmp_path / "x.pdf"
    source.write_bytes(letter_pdf())
    with pikepdf.open(source) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(owner="a", user="b"))

    verdict = verify_file(path, TrustAnchors(), NOW)

    assert (verdict.state, "mật khẩu" in verdict.reason) == (FileState.UNREADABLE, True)


def test_signature_cut_out_of_the_form_is_not_called_unsigned(tmp_path: Path, trip: Trip):
    altered = tmp_path / "x.pdf"
    with trip.signed[0].open("rb") as original, altered.open("wb") as output:
        writer = IncrementalPdfFileWriter(original)
        page = writer.root["/Pages"]["/Kids"][0].get_object()
        del page["/Annots"]
        writer.update_container(page)
        form = writer.root["/AcroForm"]
        form[pdf_name("/Fields")] = generic.ArrayObject()
        writer.update_container(form)
        writer.write(output)

    verdict = verify_file(altered, TrustAnchors(), NOW)

    assert (verdict.state, words(verdict)) == (FileState.SIGNED, [Word.INDETERMINATE])


def test_bad_file_in_a_batch_leaves_the_others_their_verdicts(tmp_path: Path, trip: Trip, pki: Pki):
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7\n" + b"<<" * 50_000)

    verdicts = verify_files([trip.sealed, bad, trip.signed[0]], pki.trust(), NOW)

    assert [line.verdict for line in verdicts] == [Word.VALID, Word.INDETERMINATE, Word.VALID]


def test_file_signed_elsewhere_is_only_countersigned(tmp_path: Path, trip: Trip):
    target = tmp_path / "again.pdf"
    prepared = prepare(trip.sealed, target, letter_places())

    assert prepared.countersign_only
    assert target.read_bytes().startswith(trip.sealed.read_bytes())
    assert len(target.read_bytes()) > len(trip.sealed.read_bytes())


def test_number_filled_twice_is_refused(tmp_path: Path, trip: Trip):
    with pytest.raises(FieldTaken):
        fill_number_and_date(trip.numbered, tmp_path / "x.pdf", "16", "")


def test_key_of_an_expired_certificate_signs_nothing(pki: Pki):
    old: SoftwareKey = pki.key("Cũ", made=NOW - timedelta(days=60), days=30)

    with pytest.raises(CertificateUnusable):
        check_certificate(old.certificate, crls=(), now=NOW)


def test_older_list_inside_the_file_does_not_hide_a_revocation(tmp_path: Path):
    pki = Pki()
    long_term = LongTerm(
        time_stamper=time_stamper(pki), trust_roots=(pki.root.der,), intermediates=(pki.issuing.der,), crls=pki.crls()
    )
    trip = whole_way(tmp_path, pki, long_term=long_term)
    pki.revoke(trip.keys[0], at=NOW + timedelta(hours=1))
    later = NOW + timedelta(hours=2)

    verdict = verify_file(trip.sealed, pki.trust(now=later), later)

    assert verdict.signatures[0].verdict is Word.INVALID
    assert "thu hồi" in verdict.signatures[0].reason
