export interface Finding {
  readonly level: "error" | "note";
  readonly text: string;
}
