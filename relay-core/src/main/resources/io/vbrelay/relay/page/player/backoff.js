// How long to wait before the next attempt to reach the relay.

const FIRST_SECONDS = 0.5;
const LONGEST_SECONDS = 15;

/**
 * Doubles from half a second to fifteen. A random half of it is taken off, so that a thousand viewers of a relay that was
 * started again don't come in the same moment.
 *
 * @param {number} failures in a row, one at least
 * @param {number} retryAfterSeconds what the relay asked for, or 0: never come back sooner
 * @param {() => number} random from 0 to 1
 * @returns {number} seconds
 */
export function backoffSeconds(failures, retryAfterSeconds = 0, random = Math.random) {
    const longest = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** (failures - 1));
    const jitter = random() / 2;
    return Math.max(longest * (1 - jitter), retryAfterSeconds * (1 + jitter));
}

/**
 * @param {string | null} header Retry-After, RFC 9110, 10.2.3; the relay sends seconds, and a date is not looked at
 * @returns {number} seconds, 0 if it says none, an hour at most
 */
export function retryAfterSeconds(header) {
    return /^\d+$/.test(header?.trim() ?? '') ? Math.min(3600, Number(header)) : 0;
}
