import type { TEXTS } from "../texts/texts";
import type { CounterName } from "./programs";

export interface CounterScenario {
  readonly kind: "counter";
  readonly description: string;
  /** `given`: the reader's own file. */
  readonly text: keyof typeof TEXTS | "given";
  /** Our counter runs on it, and these. */
  readonly against: readonly CounterName[];
  /** Texts on which our counter runs in the same turns. */
  readonly alsoOn?: readonly (keyof typeof TEXTS)[];
}

/** Our counter and others, each as a program of its own, on one text. */
export const COUNTER_SCENARIOS = {
  "count-english": {
    kind: "counter",
    description: "English, ASCII, 107 MB",
    text: "english",
    against: ["published C", "plain C", "wc -w", "plain Node", "regex in Node"],
  },
  "count-half-non-ascii": {
    kind: "counter",
    description: "356 languages, half of the bytes not ASCII, 107 MB",
    text: "declarations",
    // the C programs take such words for none
    against: ["wc -w", "plain Node", "regex in Node"],
    alsoOn: ["english"],
  },
  "count-chinese": {
    kind: "counter",
    description: "Chinese poems, none twice, 27 MB",
    text: "poems",
    // there is no space to split at
    against: ["regex in Node"],
  },
  "count-vocabulary": {
    kind: "counter",
    description: "490,000 distinct words, ASCII, 107 MB",
    text: "vocabulary",
    // the published C program has a table of 65,536 entries and never ends on this text
    against: ["plain C", "wc -w", "plain Node", "regex in Node"],
  },
  "count-file": {
    kind: "counter",
    description: "the text that --text names",
    text: "given",
    against: ["wc -w", "plain Node", "regex in Node"],
  },
} as const satisfies Readonly<Record<string, CounterScenario>>;
