// One HTTP stream of the relay: opened, read in chunks, broken off when it is silent for too long.

import {retryAfterSeconds} from './backoff.js';

// A proxy's page that says "back in a minute" may come with 200, too.
const STREAM = /^(video|multipart)\//;

// A camera that is only connected to on demand keeps its first viewer waiting; snapshots wait as long (docs/http.md).
const PATIENCE_SECONDS = 20;

// A healthy stream says something every two periods, or when its camera has been held for so long (docs/http.md); the second is for
// the line.
const SILENCE_SECONDS = 1;
const SILENCE_PERIODS = 2;

/**
 * A picture on the screen: its time in the stream and when it came there, by performance.now; both in seconds.
 *
 * @typedef {{seconds: number, at: number, width: number, height: number}} Picture
 */

/**
 * Why a stream is not, or no longer, played.
 *
 * @typedef {'network' | 'full' | 'gone' | 'unplayable' | 'ended'} Reason
 */
export class StreamError extends Error {
    /**
     * @param {Reason} reason
     * @param {string} message for a developer, never shown
     * @param {{retryAfterSeconds?: number, limit?: string}} [relay] what the relay said with it
     */
    constructor(reason, message, relay = {}) {
        super(message);
        this.reason = reason;
        this.retryAfterSeconds = relay.retryAfterSeconds ?? 0;
        this.limit = relay.limit;
    }
}

/**
 * @param {string} url
 * @param {AbortSignal} signal closes the connection, at any time
 * @returns {Promise<Response>} whose body has not been read
 */
export async function openStream(url, signal) {
    let response;
    try {
        response = await fetch(url, {cache: 'no-store', signal});
    } catch (error) {
        throw new StreamError('network', `${url}: ${error.message}`);
    }
    if (response.ok && response.body && STREAM.test(response.headers.get('Content-Type') ?? '')) {
        return response;
    }
    throw await refusal(url, response);
}

async function refusal(url, response) {
    const said = await response.json().catch(() => ({})); // A proxy's answer is no JSON.
    const message = `${url}: ${response.status} ${said.error ?? ''}`;
    const wait = retryAfterSeconds(response.headers.get('Retry-After'));
    if (response.status === 404) {
        return new StreamError('gone', message);
    }
    return new StreamError(said.limit ? 'full' : 'network', message, {retryAfterSeconds: wait, limit: said.limit});
}

/** One attempt to play a stream, from the request to its end, whoever ends it. */
export class Session {
    #end = new AbortController();
    #gone = new AbortController();
    #shown;
    #silenceSeconds;
    #timer;

    /**
     * @param {AbortSignal} parent ends this too
     * @param {number} periodSeconds from picture to picture
     * @param {number} holdSeconds for which the relay may have nothing to send while the camera is late
     * @param {(picture: Picture) => void} shown is told of each picture on the screen
     */
    constructor(parent, periodSeconds, holdSeconds, shown) {
        this.periodSeconds = periodSeconds;
        this.#silenceSeconds = SILENCE_SECONDS + holdSeconds + SILENCE_PERIODS * periodSeconds;
        this.#shown = shown;
        /** Aborted at its end. */
        this.signal = AbortSignal.any([parent, this.#end.signal]);
        /** Aborted when its last picture, which stays on the screen after the end, is not wanted there any more. */
        this.gone = this.#gone.signal;
        this.signal.addEventListener('abort', () => clearTimeout(this.#timer));
        this.heard(Math.max(PATIENCE_SECONDS, this.#silenceSeconds));
    }

    /** Bytes came: the next are due soon. */
    heard(withinSeconds = this.#silenceSeconds) {
        clearTimeout(this.#timer);
        if (!this.signal.aborted) {
            this.#timer = setTimeout(() => this.fail(new StreamError('network', 'silent')), withinSeconds * 1000);
        }
    }

    /** @param {Picture} picture */
    shown(picture) {
        if (!this.signal.aborted) {
            this.#shown(picture);
        }
    }

    /** Ends it, if it has not ended, and lets its picture go. */
    close() {
        this.fail(new StreamError('ended', 'closed'));
        this.#gone.abort();
    }

    /** Ends it; what waits for anything fails with this error. A second call does nothing. */
    fail(error) {
        this.#end.abort(error);
    }
}

/**
 * The body in the pieces in which it comes. Nothing is read ahead: whoever is slow to take the next makes the relay drop,
 * which it does by whole groups, so nothing piles up here.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<Uint8Array>} ends as the body does; fails with 'network' when it breaks
 */
export async function* chunks(body) {
    const reader = body.getReader();
    try {
        for (;;) {
            const {done, value} = await reader.read();
            if (done) {
                return;
            }
            yield value;
        }
    } catch (error) {
        throw new StreamError('network', error.message);
    } finally {
        reader.cancel().catch(() => {}); // It may be broken already.
    }
}

/**
 * @param {EventTarget} target
 * @param {string} type
 * @param {AbortSignal} signal rejects with its reason
 * @returns {Promise<Event>} the next event of that type
 */
export function once(target, type, signal) {
    return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const end = new AbortController();
        target.addEventListener(type, event => {
            end.abort();
            resolve(event);
        }, {signal: end.signal});
        signal.addEventListener('abort', () => {
            end.abort();
            reject(signal.reason);
        }, {signal: end.signal});
    });
}
