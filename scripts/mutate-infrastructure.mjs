/**
 * `npm run mutate:infrastructure`: whether the stack's assertions notice when the stack is changed. Deletes, empties and changes each
 * resource, block and argument of what is synthesized for prod and coursework, one at a time (docs/mutation.md).
 *
 * Exit codes: 0 all are noticed or excused, 1 some survived, too many are excused, or an excuse excuses nothing.
 */
import { loadTypeScript } from "./build/load-typescript.mjs";

process.env.CHECKPOINT_DISABLE ??= "1";
const { main } = await loadTypeScript("__tests__/stack/mutation/main.ts");
process.exitCode = main((line) => process.stdout.write(`${line}\n`));
