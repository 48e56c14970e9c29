// What the relay says of its cameras: asked once, or again and again while somebody looks.

const POLL_MS = 1000;

// A relay on the other side of a slow line answers within this, or not at all.
const PATIENCE_MS = 5000;

/** An answer that is none: its status is HTTP's, or 0 when there was no answer at all. */
export class ApiError extends Error {
    /** @param {string} message @param {number} status */
    constructor(message, status) {
        super(message);
        this.status = status;
    }
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<{body: any, sent: number, received: number}>} when it was asked and answered, by performance.now
 */
async function ask(path, signal) {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const sent = performance.now();
    try {
        const response =
            await fetch(path, {cache: 'no-store', signal: signal ? AbortSignal.any([signal, patience]) : patience});
        const received = performance.now();
        if (!response.ok) {
            throw new ApiError(`${path}: ${response.status}`, response.status);
        }
        return {body: await response.json(), sent, received};
    } catch (error) {
        throw error instanceof ApiError ? error : new ApiError(`${path}: ${error.message}`, 0);
    }
}

const cameraPath = name => `/api/v1/cameras/${encodeURIComponent(name)}`;

/**
 * @param {AbortSignal} [signal]
 * @returns {Promise<object[]>} all cameras, in the relay's order
 */
export async function fetchCameras(signal) {
    return (await ask('/api/v1/cameras', signal)).body;
}

/**
 * @param {string} name
 * @param {AbortSignal} [signal]
 * @returns {Promise<object>} one camera
 */
export async function fetchCamera(name, signal) {
    return (await ask(cameraPath(name), signal)).body;
}

/**
 * One camera, asked about once a second while the page is visible. Events: 'camera', with {camera, sent, received} in its
 * detail, for each answer; 'error', with the ApiError, for each that failed. What was said last stays in `camera`.
 */
export class CameraFeed extends EventTarget {
    #name;
    #end;
    #wake = () => {};

    /** @param {string} name */
    constructor(name) {
        super();
        this.#name = name;
        /** @type {object | undefined} */
        this.camera = undefined;
    }

    /** Begins to ask; a second call does nothing. */
    start() {
        if (!this.#end) {
            this.#end = new AbortController();
            document.addEventListener('visibilitychange', () => this.refresh(), {signal: this.#end.signal});
            this.#poll(this.#end.signal);
        }
    }

    /** No more questions and no more events, until start. */
    stop() {
        this.#end?.abort();
        this.#end = undefined;
        this.#wake();
    }

    /** Asks now. */
    refresh() {
        this.#wake();
    }

    async #poll(signal) {
        while (!signal.aborted) {
            if (!document.hidden) {
                await this.#ask(signal);
            }
            await this.#pause(signal);
        }
    }

    async #ask(signal) {
        try {
            const {body, sent, received} = await ask(cameraPath(this.#name), signal);
            if (!signal.aborted) {
                this.camera = body;
                this.dispatchEvent(new CustomEvent('camera', {detail: {camera: body, sent, received}}));
            }
        } catch (error) {
            if (!signal.aborted) {
                this.dispatchEvent(new CustomEvent('error', {detail: error}));
            }
        }
    }

    /** Until it is time to ask again, or somebody wants to know now. */
    #pause(signal) {
        return new Promise(done => {
            if (signal.aborted) {
                done();
                return;
            }
            const timer = setTimeout(done, POLL_MS);
            this.#wake = () => {
                clearTimeout(timer);
                done();
            };
        });
    }
}
