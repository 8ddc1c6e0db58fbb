import type { ObjectStore } from "../../../../kit/ports/object-store";
import { ArtefactCache } from "./artefact-cache";
import { Sessions } from "./sessions";

export interface SessionsPlace {
  readonly store: ObjectStore;
  readonly stateBucket: string;
  /** Existing folder for temporary files. */
  readonly directory: string;
}

/** Runs `use` with sessions of its own, which are ended afterwards, however that comes. */
export async function withSessions<T>(
  { directory, stateBucket, store }: SessionsPlace,
  use: (sessions: Sessions) => Promise<T>,
): Promise<T> {
  const sessions = new Sessions(new ArtefactCache(store, stateBucket, directory), directory);
  try {
    return await use(sessions);
  } finally {
    await sessions.dispose();
  }
}
