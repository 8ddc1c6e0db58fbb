import { closeDetail } from "../../../../../systems/batch/core/ledger/close-detail";

test("a detail is cut after a thousand characters, never inside one", () => {
  expect(closeDetail("why")).toBe("why");
  expect(closeDetail("\u{1F600}".repeat(1_000))).toBe("\u{1F600}".repeat(1_000));
  expect(closeDetail(`${"\u{1F600}".repeat(1_000)}x`)).toBe("\u{1F600}".repeat(1_000));
});
