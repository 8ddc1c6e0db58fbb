import { batch } from "./batch/system";

/** Every system; the first is the one that is meant where none is named. */
export const SYSTEMS = [batch] as const;
