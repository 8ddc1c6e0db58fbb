/** All of a local run listens here only. */
export const LOOPBACK = "127.0.0.1";
