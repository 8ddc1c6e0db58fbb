import { batch } from "./batch/system";
import { media } from "./media/system";

/** Every system; the first is the one that is meant where none is named. */
export const SYSTEMS = [batch, media] as const;
