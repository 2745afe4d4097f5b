/** Boxes of `core.geometry.Box`: PDF points from the lower left corner; pages count from 0. */
export interface Box {
  page: number;
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}
export interface PageSize {
  width: number;
  height: number;
}
export interface Share {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A box as percentages of its page, from the upper left corner. */
export function shareOf(box: Box, page: PageSize): Share {
  return {
    left: (box.x0 / page.width) * 100,
    top: ((page.height - box.y1) / page.height) * 100,
    width: ((box.x1 - box.x0) / page.width) * 100,
    height: ((box.y1 - box.y0) / page.height) * 100,
  };
}

export function placeByShare(element: HTMLElement, share: Share): void {
  element.style.left = `${share.left}%`;
  element.style.top = `${share.top}%`;
  element.style.width = `${share.width}%`;
  element.style.height = `${share.height}%`;
}

/** Moved and kept on its page; sizes stay. Points are rounded to a tenth. */
export function moved(box: Box, dx: number, dy: number, page: PageSize): Box {
  const width = box.x1 - box.x0;
  const height = box.y1 - box.y0;
  const x0 = within(box.x0 + dx, 0, page.width - width);
  const y0 = within(box.y0 + dy, 0, page.height - height);
  return { page: box.page, x0: tenth(x0), y0: tenth(y0), x1: tenth(x0 + width), y1: tenth(y0 + height) };
}

/** The lower right corner pulled; the box stays on its page and at least `least` points wide and high. */
export function resized(box: Box, dx: number, dy: number, page: PageSize, least = 12): Box {
  const x1 = within(box.x1 + dx, box.x0 + least, page.width);
  const y0 = within(box.y0 + dy, 0, box.y1 - least);
  return { ...box, x1: tenth(x1), y0: tenth(y0) };
}

function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
