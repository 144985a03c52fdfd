/**
 * How long a test waits for what must come, in ms. On a busy machine everything takes ten times as long as on an idle one;
 * only what never comes takes so long. Less than mocha's limit for a test: so a failure says what was missing.
 */
export const WAIT_LIMIT = 90_000;
