import { expect, test } from "vitest";
import { findHits } from "./finding";
import { moved, resized, shareOf } from "./geometry";
import { paragraphsOf } from "./reflow";

const A4 = { width: 595, height: 842 };

test("a box from the lower left corner becomes a share from the upper left", () => {
  const share = shareOf({ page: 0, x0: 59.5, y0: 757.8, x1: 119, y1: 842 }, A4);
  expect(share.left).toBeCloseTo(10);
  expect(share.top).toBeCloseTo(0);
  expect(share.width).toBeCloseTo(10);
  expect(share.height).toBeCloseTo(10);
});

test("a moved box stays on the page and keeps its size", () => {
  expect(moved({ page: 1, x0: 500, y0: 10, x1: 580, y1: 40 }, 100, -100, A4)).toEqual({ page: 1, x0: 515, y0: 0, x1: 595, y1: 30 });
});

test("a box is never pulled smaller than twelve points", () => {
  expect(resized({ page: 0, x0: 100, y0: 100, x1: 200, y1: 150 }, -500, 500, A4)).toEqual({ page: 0, x0: 100, y0: 138, x1: 112, y1: 150 });
});

test("words without marks find marked ones across text items", () => {
  const items = ["Kính gửi: Bộ Khoa học", "và Công nghệ"];
  expect(findHits(0, items, "khoa hoc va cong nghe")).toEqual([{ page: 0, items: [0, 1] }]);
});

test("words typed with marks find only these", () => {
  expect(findHits(0, ["ban hành", "bán hàng"], "bán")).toEqual([{ page: 0, items: [1] }]);
  expect(findHits(0, ["ban hành", "bán hàng"], "ban").length).toBe(2);
});

test("nothing typed finds nothing", () => {
  expect(findHits(0, ["a"], "  ")).toEqual([]);
});

const line = (str: string, x: number, y: number, width: number, height = 13) => ({ str, x, y, width, height });

test("lines filled to the margin become one paragraph, a new point stays one", () => {
  const pieces = [
    line("Các đơn vị báo cáo kết quả thực hiện", 110, 600, 430),
    line("trước ngày 25 hằng tháng.", 85, 582, 170),
    line("1. Ban Công nghệ chủ trì rà soát, tổng hợp số liệu", 110, 560, 430),
    line("- Các đơn vị phối hợp.", 85, 542, 150),
  ];
  expect(paragraphsOf(pieces)).toEqual([
    "Các đơn vị báo cáo kết quả thực hiện trước ngày 25 hằng tháng.",
    "1. Ban Công nghệ chủ trì rà soát, tổng hợp số liệu",
    "- Các đơn vị phối hợp.",
  ]);
});

test("two columns on one line stay apart, letters of one word stay together, NFD becomes NFC", () => {
  const pieces = [
    line("BỘ KHOA HỌC", 80, 780, 90), line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 300, 780, 240),
    line("So", 80, 700, 14), line("\u0302\u0301", 94, 700, 0), line(":", 94, 700, 4), line("2418", 102, 700, 26),
  ];
  expect(paragraphsOf(pieces)).toEqual(["BỘ KHOA HỌC", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Số: 2418"]);
});

test("a centred line under a full one starts a paragraph of its own", () => {
  expect(paragraphsOf([line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 300, 780, 240), line("Độc lập - Tự do - Hạnh phúc", 340, 764, 160)]).length).toBe(2);
});
