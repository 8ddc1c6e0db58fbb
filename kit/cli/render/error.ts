import type { ErrorReport } from "../error-report";
import { printable } from "../../lib/printable";

/** An error as people read it: cause and value, then the way out. */
export function renderError({ code, message, fix }: Omit<ErrorReport, "exitCode">): string {
  if (code === "interrupted") return `${message}\n`;
  return `error: ${printable(message, { keepLineFeeds: true })}\nfix: ${printable(fix, { keepLineFeeds: true })}\n`;
}
