/** A stack that was synthesized. */
export interface Synthesized {
  /** The stack's, which Terraform's folder is called too. */
  readonly name: string;
  readonly system: string;
  /** true: it is the system that is synthesized when none is named. */
  readonly isDefault: boolean;
  /** The environment it is for. */
  readonly environment: string;
  /** The file that was written. */
  readonly file: string;
  /** Resources by type, then by id: `resource` of the file. */
  readonly resources: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
