import Table from "cli-table3";
import { displayWidth, foldText } from "../terminal/text-width";
import { count } from "./numbers";
import { printable } from "../../lib/printable";

export interface Column {
  readonly head: string;
  /** @default "left" */
  readonly align?: "right";
  /** Columns of the screen that it needs at least; its text breaks into lines above that. @default as wide as its text */
  readonly least?: number;
}

/** Between two columns, and at both ends. */
const FRAME_PER_COLUMN = 3;
/** Where even that is too wide: every column may become this narrow. */
const NARROWEST = 4;

/**
 * A table that fits. Cells are made safe for a terminal; nothing of them is left out: what is too long goes on in the next line, between
 * words where there are any. No colours: what is printed here is piped and logged as often as read.
 *
 * @param width columns of the screen
 */
export function renderTable(columns: readonly Column[], rows: readonly (readonly (string | number)[])[], width: number): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === "number" ? count(cell) : printable(cell))));
  const natural = columns.map(({ head }, index) => Math.max(displayWidth(head), ...cells.map((row) => displayWidth(row[index] ?? ""))));
  const room = width - columns.length * FRAME_PER_COLUMN - 1;
  const least = columns.map((column, index) => Math.min(column.least ?? Number.POSITIVE_INFINITY, natural[index] ?? 0));
  const narrowed = narrow(natural, least, room);
  const widths = narrow(
    narrowed,
    narrowed.map(() => NARROWEST),
    room,
  );
  const table = new Table({
    style: { head: [], border: [], compact: true },
    head: columns.map(({ head }, index) => foldText(head, widths[index] ?? NARROWEST)),
    colAligns: columns.map(({ align }) => align ?? "left"),
    // with a blank at each side
    colWidths: widths.map((each) => each + 2),
  });
  for (const row of cells) table.push(...linesOf(row.map((cell, index) => foldText(cell, widths[index] ?? NARROWEST))));
  return table.toString();
}

/** A row for each line of the cells: the library takes time that grows with the square of a cell's length if it has to split it. */
function linesOf(cells: readonly string[]): string[][] {
  const lines = cells.map((cell) => cell.split("\n"));
  const height = Math.max(...lines.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => lines.map((cell) => cell[line] ?? ""));
}

/** Takes from the widest until all fit into the room, and from none more than it needs. */
function narrow(widths: readonly number[], least: readonly number[], room: number): number[] {
  const narrowed = [...widths];
  const canGive = (index: number): boolean => (narrowed[index] ?? 0) > (least[index] ?? 0);
  const sum = (): number => narrowed.reduce((total, each) => total + each, 0);
  for (let excess = sum() - room; excess > 0; excess = sum() - room) {
    const giving = narrowed.map((_, index) => index).filter(canGive);
    const [widest, next] = giving.sort((a, b) => (narrowed[b] ?? 0) - (narrowed[a] ?? 0));
    if (widest === undefined) break;
    const floor = Math.max(least[widest] ?? 0, next === undefined ? 0 : (narrowed[next] ?? 0) - 1);
    narrowed[widest] = Math.max(floor, (narrowed[widest] ?? 0) - excess);
  }
  return narrowed;
}
