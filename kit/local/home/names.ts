/** Beginnings of the names of folders below the home, by the folder they lie in; the number of the process that made each follows. */
export const FOLDER_PREFIXES = { runs: "run-", stacks: "stack-", environments: "environment-" } as const;
export type HomeFolder = keyof typeof FOLDER_PREFIXES;

/** The link in the home by which a virtual environment is published. @param hash of the requirements */
export const publishedName = (hash: string): string => `venv-${hash}`;

export const isPublishedName = (name: string): boolean => /^venv-[0-9a-f]{12}$/.test(name);
