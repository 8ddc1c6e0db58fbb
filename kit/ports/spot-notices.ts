/** EC2's word that it takes a spot instance back. */
export interface SpotNotices {
  /** @returns when the instance will be taken (ISO 8601, UTC), undefined while there is no notice */
  next(): Promise<string | undefined>;
}
