/** EC2's word that it takes a spot instance back. */
export interface SpotNotices {
  /** @returns when the instance will be taken (ISO 8601, UTC), undefined while there is no notice */
  next(): Promise<string | undefined>;
}

/** EC2's word that a spot instance is likelier than others to be taken back soon. */
export interface RebalanceRecommendations {
  /** @returns when it last said so (ISO 8601, UTC), undefined while it never did */
  latest(): Promise<string | undefined>;
}
