"""Who and what Tập đoàn Hạ tầng số Trường Xuân (TXG) is made of. Everyone and everything here is invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from eoffice.organization.models import Family, UnitKind


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit to make: `key` names it in this file, `staff` says how many officers it gets."""

    key: str
    parent: str
    kind: UnitKind
    name: str
    short_name: str
    symbol: str
    registry: bool = False
    family: Family = Family.STATE
    place: str = ""
    head: str = "Trưởng phòng"
    staff: int = 2


K = UnitKind
UNITS: Final = (
    UnitPlan(
        "TXG",
        "",
        K.GROUP,
        "Tập đoàn Hạ tầng số Trường Xuân",
        "Tập đoàn",
        "TXG",
        True,
        place="Hà Nội",
        head="Tổng Giám đốc",
        staff=0,
    ),
    UnitPlan("VP", "TXG", K.OFFICE, "Văn phòng Tập đoàn", "Văn phòng", "VP", head="Chánh Văn phòng", staff=5),
    UnitPlan(
        "CN", "TXG", K.BOARD, "Ban Công nghệ và An toàn thông tin", "Ban Công nghệ", "CN", head="Trưởng ban", staff=7
    ),
    UnitPlan("TCNS", "TXG", K.BOARD, "Ban Tổ chức Nhân sự", "Ban Nhân sự", "TCNS", head="Trưởng ban", staff=5),
    UnitPlan("TCKT", "TXG", K.BOARD, "Ban Tài chính Kế toán", "Ban Tài chính", "TCKT", head="Trưởng ban", staff=5),
    UnitPlan("KHĐT", "TXG", K.BOARD, "Ban Kế hoạch Đầu tư", "Ban Kế hoạch", "KHĐT", head="Trưởng ban", staff=5),
    UnitPlan("PC", "TXG", K.BOARD, "Ban Pháp chế và Kiểm tra nội bộ", "Ban Pháp chế", "PC", head="Trưởng ban", staff=4),
    UnitPlan("TT", "TXG", K.BOARD, "Ban Truyền thông", "Ban Truyền thông", "TT", head="Trưởng ban", staff=3),
    UnitPlan("ĐU", "TXG", K.PARTY, "Đảng ủy Tập đoàn", "Đảng ủy", "ĐU", True, Family.PARTY, head="Bí thư", staff=1),
    UnitPlan(
        "CĐ", "TXG", K.UNION, "Công đoàn Tập đoàn", "Công đoàn", "CĐTXG", True, Family.UNION, head="Chủ tịch", staff=1
    ),
    UnitPlan(
        "ĐTN",
        "TXG",
        K.YOUTH,
        "Đoàn Thanh niên Tập đoàn",
        "Đoàn Thanh niên",
        "ĐTN",
        True,
        Family.YOUTH,
        head="Bí thư",
        staff=1,
    ),
    UnitPlan(
        "HTM",
        "TXG",
        K.CORPORATION,
        "Tổng công ty Hạ tầng mạng",
        "TCT Hạ tầng mạng",
        "HTM",
        True,
        head="Tổng Giám đốc",
        staff=2,
    ),
    UnitPlan("HTM-TH", "HTM", K.DEPARTMENT, "Phòng Tổng hợp", "Phòng Tổng hợp HTM", "TH", staff=3),
    UnitPlan("HTM-KT", "HTM", K.DEPARTMENT, "Phòng Kỹ thuật mạng", "Phòng Kỹ thuật mạng", "KTM", staff=4),
    UnitPlan(
        "HTM-VH", "HTM", K.DEPARTMENT, "Trung tâm Vận hành khai thác", "TT Vận hành", "VHKT", head="Giám đốc", staff=4
    ),
    UnitPlan(
        "DVS",
        "TXG",
        K.CORPORATION,
        "Tổng công ty Dịch vụ số",
        "TCT Dịch vụ số",
        "DVS",
        True,
        head="Tổng Giám đốc",
        staff=2,
    ),
    UnitPlan("DVS-TH", "DVS", K.DEPARTMENT, "Phòng Tổng hợp", "Phòng Tổng hợp DVS", "TH", staff=3),
    UnitPlan("DVS-SP", "DVS", K.DEPARTMENT, "Phòng Phát triển sản phẩm", "Phòng Sản phẩm", "PTSP", staff=4),
    UnitPlan(
        "NTB",
        "TXG",
        K.COMPANY,
        "Công ty Hạ tầng số khu vực Duyên hải Nam Trung Bộ và Tây Nguyên",
        "Công ty Nam Trung Bộ",
        "NTB",
        True,
        place="Đà Nẵng",
        head="Giám đốc",
        staff=2,
    ),
    UnitPlan("NTB-KT", "NTB", K.DEPARTMENT, "Phòng Kỹ thuật", "Phòng Kỹ thuật NTB", "KT", staff=3),
    UnitPlan(
        "TNB",
        "TXG",
        K.COMPANY,
        "Công ty Hạ tầng số khu vực Tây Nam Bộ",
        "Công ty Tây Nam Bộ",
        "TNB",
        True,
        place="Cần Thơ",
        head="Giám đốc",
        staff=2,
    ),
    UnitPlan(
        "HNI",
        "TXG",
        K.PROVINCE,
        "Trường Xuân Hà Nội",
        "Trường Xuân Hà Nội",
        "HNI",
        True,
        place="Hà Nội",
        head="Giám đốc",
        staff=2,
    ),
    UnitPlan("HNI-TH", "HNI", K.DEPARTMENT, "Phòng Tổng hợp", "Phòng Tổng hợp HNI", "TH", staff=3),
    UnitPlan("HNI-KD", "HNI", K.DEPARTMENT, "Phòng Kinh doanh", "Phòng Kinh doanh HNI", "KD", staff=4),
    UnitPlan(
        "ĐNG",
        "TXG",
        K.PROVINCE,
        "Trường Xuân Đà Nẵng",
        "Trường Xuân Đà Nẵng",
        "ĐNG",
        True,
        place="Đà Nẵng",
        head="Giám đốc",
        staff=3,
    ),
    UnitPlan("ĐNG-TH", "ĐNG", K.DEPARTMENT, "Phòng Tổng hợp", "Phòng Tổng hợp ĐNG", "TH", staff=2),
    UnitPlan(
        "HCM",
        "TXG",
        K.PROVINCE,
        "Trường Xuân Thành phố Hồ Chí Minh",
        "Trường Xuân TP. HCM",
        "HCM",
        True,
        place="Thành phố Hồ Chí Minh",
        head="Giám đốc",
        staff=3,
    ),
    UnitPlan("HCM-TH", "HCM", K.DEPARTMENT, "Phòng Tổng hợp", "Phòng Tổng hợp HCM", "TH", staff=2),
    UnitPlan(
        "CĐTX",
        "TXG",
        K.TRAINING,
        "Trường Cao đẳng Trường Xuân",
        "Trường Cao đẳng",
        "CĐTX",
        True,
        head="Hiệu trưởng",
        staff=3,
    ),
    UnitPlan(
        "YTE", "TXG", K.HEALTH, "Trung tâm Y tế Trường Xuân", "Trung tâm Y tế", "TTYT", True, head="Giám đốc", staff=2
    ),
    UnitPlan(
        "ĐDV",
        "TXG",
        K.CAPITAL_REPRESENTATIVE,
        "Người đại diện vốn tại Công ty Viễn thông Sao Mai (Lào)",
        "Đại diện vốn tại Lào",
        "ĐDV-LAO",
        head="Người đại diện vốn",
        staff=0,
    ),
)

# Names the guides and pictures use; the rest are drawn from the lists below.
NAMED: Final = {
    "TXG": ["Trần Quốc Khánh"],
    "VP": ["Vũ Đình Phúc"],
    "CN": ["Đỗ Hữu Nghĩa", "Hoàng Ngọc Bảo Trâm"],
}
CLERK_NAME: Final = "Nguyễn Thị Thu Hương"
DEPUTY_NAME: Final = "Lê Thị Minh Nguyệt"
_SURNAMES = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Đinh",
    "Trịnh",
    "Mai",
)
_MIDDLES = ("Văn", "Thị", "Hữu", "Ngọc", "Đức", "Thanh", "Quang", "Minh", "Thúy", "Xuân", "Hồng", "Anh", "Kim")
_GIVEN = (
    "An",
    "Bình",
    "Châu",
    "Dũng",
    "Đạt",
    "Giang",
    "Hà",
    "Hải",
    "Hạnh",
    "Hiếu",
    "Hòa",
    "Huệ",
    "Hùng",
    "Khoa",
    "Lâm",
    "Liên",
    "Linh",
    "Long",
    "Mai",
    "Mỹ",
    "Nam",
    "Ngân",
    "Nhung",
    "Oanh",
    "Phong",
    "Phương",
    "Quân",
    "Quỳnh",
    "Sơn",
    "Tâm",
    "Thảo",
    "Thắng",
    "Thủy",
    "Tiến",
    "Trang",
    "Trung",
    "Tú",
    "Tuyết",
    "Việt",
    "Yến",
)


def invented_names() -> Iterator[str]:
    """Names in a fixed order; none is meant to be anyone's."""
    for number in count():
        surname = _SURNAMES[(number * 7) % len(_SURNAMES)]
        middle = _MIDDLES[(number * 5 + number // 13) % len(_MIDDLES)]
        given = _GIVEN[(number * 11 + number // 40) % len(_GIVEN)]
        yield f"{surname} {middle} {given}"


def name_parts() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Family, middle and given names that invented people are made of."""
    return _SURNAMES, _MIDDLES, _GIVEN
