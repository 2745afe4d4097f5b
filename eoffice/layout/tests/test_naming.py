"""Names printed in capitals are written as PL II of NĐ 30 writes them."""

from __future__ import annotations

import json

import pytest

from eoffice.layout.naming import body_name, person_name, sentence, title_name
from eoffice.layout.tests.test_read_letter import SAMPLES, needs_samples


@pytest.mark.parametrize(
    "name",
    [
        "Bộ Xây dựng",
        "Bộ Giáo dục và Đào tạo",
        "Bộ Công Thương",
        "Ủy ban nhân dân tỉnh Phú Thọ",
        "UBND thành phố Hồ Chí Minh",
        "Sở Thông tin và Truyền thông thành phố Hà Nội",
        "Cục Cảnh sát PCCC và CNCH",
        "Tổng công ty Bưu điện Việt Nam",
        "Công ty cổ phần Tư vấn xây dựng điện 1",
        "Văn phòng Chính phủ",
    ],
)
def test_bodies_keep_the_capitals_of_kind_field_and_place(name: str) -> None:
    assert body_name(name.upper()) == name


def test_what_has_small_letters_stays_as_it_was_printed() -> None:
    assert body_name("Công ty Cổ phần FPT Telecom") == "Công ty Cổ phần FPT Telecom"
    assert title_name("Giám đốc điều hành") == "Giám đốc điều hành"


def test_titles_people_and_subjects() -> None:
    assert title_name("PHÓ TỔNG GIÁM ĐỐC") == "Phó Tổng Giám đốc"
    assert title_name("CHÁNH VĂN PHÒNG") == "Chánh văn phòng"
    assert person_name("NGUYỄN MINH KHÔI") == "Nguyễn Minh Khôi"
    assert sentence("VỀ VIỆC ĐẦU TƯ TẠI HÀ NỘI CỦA TNHH MTV") == "Về việc đầu tư tại Hà Nội của TNHH MTV"


@needs_samples
def test_bodies_and_signers_of_the_real_letters_are_written_as_in_their_truth() -> None:
    for entry in json.loads((SAMPLES / "truth.json").read_text()):
        for body in filter(None, (entry["issuing_body"], entry["superior_body"])):
            assert body_name(body.upper()) == body
        for signer in entry["signers"] or []:
            assert person_name(signer["name"].upper()) == signer["name"]
            assert title_name(signer["position"].upper()) == signer["position"]
