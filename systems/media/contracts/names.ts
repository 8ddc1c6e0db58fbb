import type { Route } from "./media-types";

/** Of its stacks (`media-dev`), and of its folders. */
export const SYSTEM_NAME = "media";

/** Logical names of the queues (requirement S4.6). */
export const queueName = (route: Route): string => `media-${route}`;

/** Events that classify failed at, or that EventBridge could not give it. */
export const FAILED_EVENTS_QUEUE_NAME = "media-failed-events";

/** The table with a row for each upload (requirement S4.28). */
export const UPLOADS_TABLE_NAME = "media-uploads";
