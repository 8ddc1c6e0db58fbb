/** How often the repairs run. */
export const RECONCILE_MINUTES = 5;
/** How often generations without an open execution are looked for. */
export const SWEEP_MINUTES = 5;
