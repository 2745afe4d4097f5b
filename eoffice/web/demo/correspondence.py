"""What the letters of the demo say: senders, subjects, directives, replies. All invented.

Everything is drawn from short lists by a running number, so two runs make the same group.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from eoffice.core.vietnamese import fold
from eoffice.layout.letters import LetterContent, SignatureBlock


@dataclass(frozen=True, slots=True)
class Sender:
    """A body outside the group and who signs for it."""

    superior: str | None
    name: str
    symbol: str
    place: str
    block: tuple[str, ...]
    signer: str
    position: str


@dataclass(frozen=True, slots=True)
class Matter:
    """What a letter from outside asks, the unit it is for, what the leader orders, and what the reply says."""

    subject: str
    field: str
    lead: str
    support: tuple[str, ...]
    directive: str
    reply_subject: str
    days: int
    requires_reply: bool = True


SENDERS: Final = (
    Sender(
        "BỘ KHOA HỌC VÀ CÔNG NGHỆ",
        "Cục Chuyển đổi số quốc gia",
        "CĐSQG-CNS",
        "Hà Nội",
        ("KT. CỤC TRƯỞNG", "PHÓ CỤC TRƯỞNG"),
        "Phan Đình Lương",
        "Phó Cục trưởng",
    ),
    Sender(
        None,
        "Bộ Khoa học và Công nghệ",
        "BKHCN-VT",
        "Hà Nội",
        ("KT. BỘ TRƯỞNG", "THỨ TRƯỞNG"),
        "Hồ Quang Thịnh",
        "Thứ trưởng",
    ),
    Sender(
        "BỘ KHOA HỌC VÀ CÔNG NGHỆ",
        "Cục An toàn thông tin số",
        "CATTTS-GS",
        "Hà Nội",
        ("CỤC TRƯỞNG",),
        "Ngô Tuấn Kiệt",
        "Cục trưởng",
    ),
    Sender(
        None,
        "Ủy ban nhân dân thành phố Đà Nẵng",
        "UBND-KGVX",
        "Đà Nẵng",
        ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
        "Võ Thanh Bạch",
        "Phó Chủ tịch",
    ),
    Sender(
        "ỦY BAN NHÂN DÂN TỈNH PHÚ LÂM",
        "Sở Khoa học và Công nghệ",
        "SKHCN-BCVT",
        "Phú Lâm",
        ("GIÁM ĐỐC",),
        "Lương Thị Bích Đào",
        "Giám đốc",
    ),
    Sender(
        None,
        "Bộ Tài chính",
        "BTC-DNNN",
        "Hà Nội",
        ("TL. BỘ TRƯỞNG", "CỤC TRƯỞNG CỤC DOANH NGHIỆP NHÀ NƯỚC"),
        "Trịnh Gia Bảo",
        "Cục trưởng",
    ),
    Sender(
        "TỔNG CÔNG TY ĐIỆN LỰC BẮC SÔNG",
        "Công ty Điện lực Phú Lâm",
        "ĐLPL-KT",
        "Phú Lâm",
        ("GIÁM ĐỐC",),
        "Cao Văn Lập",
        "Giám đốc",
    ),
    Sender(None, "Hiệp hội Doanh nghiệp công nghệ số", "HHCNS-VP", "Hà Nội", ("CHỦ TỊCH",), "Tạ Thu Hà", "Chủ tịch"),
)

MATTERS: Final = (
    Matter(
        "báo cáo kết quả triển khai hệ thống quản lý văn bản và điều hành, chữ ký số năm {year}",
        "công nghệ",
        "CN",
        ("VP",),
        "Giao Ban Công nghệ chủ trì, phối hợp Văn phòng báo cáo trước hạn. Số liệu ký số phải khớp báo cáo quý III.",
        "báo cáo kết quả triển khai hệ thống quản lý văn bản và điều hành, chữ ký số năm {year}",
        4,
    ),
    Matter(
        "rà soát, khắc phục lỗ hổng bảo mật trên thiết bị truy nhập băng rộng đợt {n}",
        "công nghệ",
        "CN",
        ("PC",),
        "Giao Ban Công nghệ rà soát toàn mạng, báo cáo kết quả khắc phục.",
        "kết quả rà soát, khắc phục lỗ hổng bảo mật đợt {n}",
        5,
    ),
    Matter(
        "góp ý dự thảo quy chuẩn kỹ thuật về hạ tầng số dùng chung lần {n}",
        "công nghệ",
        "CN",
        ("PC", "KHĐT"),
        "Ban Công nghệ chủ trì góp ý, Ban Pháp chế thẩm định trước khi trình ký.",
        "góp ý dự thảo quy chuẩn kỹ thuật về hạ tầng số dùng chung lần {n}",
        7,
    ),
    Matter(
        "cung cấp số liệu lao động, tiền lương tháng {month}",
        "nhân sự",
        "TCNS",
        ("TCKT",),
        "Giao Ban Nhân sự tổng hợp, trả lời đúng hạn.",
        "cung cấp số liệu lao động, tiền lương tháng {month}",
        5,
    ),
    Matter(
        "quyết toán vốn đầu tư dự án hoàn thành đợt {n}",
        "tài chính",
        "TCKT",
        ("KHĐT",),
        "Ban Tài chính chủ trì, đối chiếu với Ban Kế hoạch trước khi báo cáo.",
        "báo cáo quyết toán vốn đầu tư dự án hoàn thành đợt {n}",
        10,
    ),
    Matter(
        "phối hợp ngầm hóa cáp viễn thông trên tuyến phố số {n}",
        "kế hoạch",
        "KHĐT",
        ("CN",),
        "Giao Ban Kế hoạch làm việc với địa phương, đề xuất phương án và kinh phí.",
        "phương án ngầm hóa cáp viễn thông trên tuyến phố số {n}",
        8,
    ),
    Matter(
        "mời tham gia hội thảo về hạ tầng trung tâm dữ liệu xanh lần {n}",
        "truyền thông",
        "TT",
        (),
        "Ban Truyền thông cử người tham dự, báo cáo sau hội thảo.",
        "",
        6,
        requires_reply=False,
    ),
    Matter(
        "hướng dẫn thực hiện công tác văn thư, lưu trữ điện tử quý {quarter}",
        "văn phòng",
        "VP",
        (),
        "Văn phòng phổ biến đến các đơn vị.",
        "",
        5,
        requires_reply=False,
    ),
    Matter(
        "thanh tra việc chấp hành pháp luật về dữ liệu cá nhân đợt {n}",
        "pháp chế",
        "PC",
        ("CN", "TCNS"),
        "Ban Pháp chế làm đầu mối, chuẩn bị hồ sơ và báo cáo Tổng Giám đốc.",
        "báo cáo việc chấp hành pháp luật về dữ liệu cá nhân đợt {n}",
        9,
    ),
)

ISSUED: Final = (
    ("letter", "triển khai phương án bảo đảm thông tin mùa mưa bão đợt {n}", "CN"),
    ("notice", "Kết luận của Tổng Giám đốc tại cuộc họp giao ban tháng {month}", "VP"),
    ("plan", "Diễn tập ứng cứu sự cố an toàn thông tin quý {quarter} năm {year}", "CN"),
    ("decision", "Về việc kiện toàn Ban Chỉ đạo chuyển đổi số lần {n}", "TCNS"),
    ("letter", "đôn đốc quyết toán chi phí thường xuyên tháng {month}", "TCKT"),
    ("invitation", "Họp rà soát tiến độ dự án hạ tầng số đợt {n}", "KHĐT"),
    ("report", "Kết quả kiểm tra nội bộ quý {quarter} năm {year}", "PC"),
)

PROGRESS: Final = (
    "Đã tổng hợp số liệu của 18 đơn vị, còn chờ 3 đơn vị.",
    "Đã làm việc với đầu mối bên gửi, thống nhất nội dung báo cáo.",
    "Dự thảo trả lời đã xong, đang xin ý kiến đơn vị phối hợp.",
)
RETURN_REASONS: Final = (
    "Không thuộc chức năng của đơn vị; đề nghị chuyển Ban Kế hoạch Đầu tư.",
    "Thiếu phụ lục kèm theo nên chưa đủ căn cứ xử lý.",
)


def words(text: str, *, number: int, day: date) -> str:
    """Fill the running number and the period into a subject."""
    filled = text.format(n=number % 9 + 1, month=day.month, quarter=(day.month + 2) // 3, year=day.year)
    return filled[:1].upper() + filled[1:]


def letter_from_outside(number: int, *, day: date, addressee: str) -> tuple[Sender, Matter, LetterContent]:
    """The `number`-th letter from outside, dated `day`, as its sender would have set it."""
    sender = SENDERS[number % len(SENDERS)]
    matter = MATTERS[(number * 5 + number // 8) % len(MATTERS)]
    subject = words(matter.subject, number=number, day=day)
    return (
        sender,
        matter,
        LetterContent(
            type="letter",
            superior_body=sender.superior,
            issuing_body=sender.name,
            symbol=sender.symbol,
            number=f"{300 + number * 17}",
            place=sender.place,
            issued_on=day,
            subject=subject,
            addressees=(addressee,),
            body=body_of(_asking(subject, addressee)),
            recipients=("Như trên", "Lãnh đạo (để báo cáo)", f"Lưu: VT, {sender.symbol.split('-')[-1]}"),
            signatures=(SignatureBlock(lines=sender.block, name=sender.signer),),
            sealed=False,
        ),
    )


def body_of(paragraphs: list[str]) -> dict[str, object]:
    """Paragraphs as a body of the closed schema; a line that starts with `1. ` stays a paragraph, as offices type."""
    return {
        "type": "doc",
        "content": [
            {
                "type": "paragraph",
                "attrs": {"align": "justify"},
                "content": [{"type": "text", "text": text}],
            }
            for text in paragraphs
        ],
    }


def articles_of(articles: list[str]) -> dict[str, object]:
    """The body of a decision: each line is an article, the layout writes its number."""
    return {
        "type": "doc",
        "content": [{"type": "article", "content": [{"type": "text", "text": text}]} for text in articles],
    }


def deciding(unit_name: str) -> list[str]:
    """What a decision on the steering board for digital transformation says."""
    return [
        "Kiện toàn Ban Chỉ đạo chuyển đổi số gồm các thành viên có tên trong danh sách kèm theo.",
        "Ban Chỉ đạo họp định kỳ hằng quý, quyết định kế hoạch, nguồn lực và đánh giá kết quả chuyển đổi số của các "
        "đơn vị; thành viên làm việc theo chế độ kiêm nhiệm.",
        f"{unit_name} là bộ phận giúp việc của Ban Chỉ đạo, tổng hợp báo cáo trước ngày 25 tháng cuối quý.",
        "Chánh Văn phòng, Trưởng các ban, Giám đốc các đơn vị và các thành viên có tên chịu trách nhiệm thi hành "
        "Quyết định này.",
    ]


def replying(subject: str, *, issuer: str, unit_name: str) -> list[str]:
    """The body of a reply or of a letter of the group's own."""
    return [
        f"{issuer} báo cáo, trao đổi về việc {_lower(subject)} như sau:",
        "1. Kết quả thực hiện: các đơn vị đã hoàn thành rà soát theo kế hoạch; số liệu chi tiết được tổng hợp từ hệ "
        "thống quản lý văn bản và điều hành, đối chiếu với báo cáo của từng đơn vị trực thuộc.",
        "2. Khó khăn, vướng mắc: một số địa bàn vùng sâu có hạ tầng truyền dẫn chưa ổn định, cần thêm thời gian để "
        "hoàn thành việc chuyển đổi dữ liệu.",
        f"3. Đề xuất: {unit_name} là đầu mối theo dõi, tổng hợp và báo cáo kết quả trước ngày 25 hằng tháng.",
        "Trân trọng./.",
    ]


def file_name(number: int, content: LetterContent) -> str:
    """A file name as a sender's office gives it."""
    return f"{content.number}_{fold(content.symbol).replace('-', '_')}_{number}.pdf"


def _asking(subject: str, addressee: str) -> list[str]:
    return [
        f"Thực hiện nhiệm vụ được giao, cơ quan ban hành trao đổi với {addressee} về việc {_lower(subject)} như sau:",
        "Nội dung thực hiện gồm: số lượng, tiến độ, kết quả đạt được; khó khăn, vướng mắc và kiến nghị. Tài liệu "
        "gửi kèm (nếu có) là một phần của văn bản này.",
        "Kết quả gửi về cơ quan ban hành qua hệ thống quản lý văn bản và điều hành để tổng hợp, báo cáo cấp có thẩm "
        "quyền đúng thời hạn.",
        "Trân trọng cảm ơn sự phối hợp./.",
    ]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
