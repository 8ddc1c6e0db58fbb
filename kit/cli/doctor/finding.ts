/** What one look of `filemill doctor` came to. */
export interface Finding {
  readonly check: string;
  /** `unknown`: it could not be learned; that alone makes nothing unwell. */
  readonly verdict: "well" | "wrong" | "unknown";
  /** Cause and value. */
  readonly says: string;
  /** Present unless it is well. */
  readonly fix?: string;
}

export const well = (check: string, says: string): Finding => ({ check, verdict: "well", says });
export const wrong = (check: string, says: string, fix: string): Finding => ({ check, verdict: "wrong", says, fix });
export const unknown = (check: string, says: string, fix: string): Finding => ({ check, verdict: "unknown", says, fix });
