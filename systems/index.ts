import { batch } from "./batch/system";
import { bootstrap } from "./bootstrap/system";
import { media } from "./media/system";

/** Systems that run, on AWS and here, and that CI deploys; the first is the one that is meant where none is named. */
export const SYSTEMS = [batch, media] as const;

/** Everything with stacks: beside the systems what an account has before them, which is applied by hand, and of which nothing runs here. */
export const EVERY_SYSTEM = [...SYSTEMS, bootstrap] as const;
