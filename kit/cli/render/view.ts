/** What a reporter shows its steps on. */
export interface View {
  /** A line that stays. */
  line(text: string): void;
  /** A step that goes on; called again with its age in whole seconds. */
  step(text: string, seconds: number): void;
  /** A step with numbers. */
  count(progress: Counted, seconds: number): void;
  /** The step is over. @param keep false: leave nothing of it */
  end(keep: boolean): void;
}

export interface Counted {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
}

/** Silence longer than this makes people wonder. */
export const QUIET_SECONDS = 2;
