/** Another function, as one hands an event to it without waiting for its run. */
export interface Invoker {
  /** @throws when the event was not taken */
  invokeAsync(event: unknown): Promise<void>;
}
