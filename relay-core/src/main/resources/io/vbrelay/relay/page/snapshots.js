// Fetches the newest pictures of many cameras in turn, few at a time, and only what has changed.

/** Requests at a time, of the six connections that a browser opens to an HTTP/1.1 server: streams and status need the rest. */
const AT_ONCE = 2;

/** A picture of a camera is asked for at most so often. */
const PERIOD_MS = 1000;

/** Pictures a second in all: with more cameras than this in view each has its turn less often. */
const MOST_PER_SECOND = 10;

/** After this a camera without a picture is asked again; what the relay says in Retry-After (docs/http.md). */
const RETRY_MS = 5000;

/** Longer than the relay makes a snapshot wait, which is 20 s at most (docs/http.md). */
const TIMEOUT_MS = 25_000;

/**
 * What a picture is asked for.
 *
 * @typedef {Object} Subject
 * @property {string|undefined} snapshot its address, if there is one
 * @property {boolean} wantsSnapshot whether it is to be asked for now
 * @property {(picture: Blob) => void} showSnapshot is given each new picture
 */

export class Snapshots {
    /** @type {Map<Subject, {dueMs: number, etag: string|null}>} in the order in which they were asked for last */
    #subjects = new Map();
    #underWay = 0;
    #timer;
    #end = new AbortController();

    constructor() {
        document.addEventListener('visibilitychange', () => this.wake(), {signal: this.#end.signal});
    }

    /** @param {Subject} subject */
    add(subject) {
        this.#subjects.set(subject, {dueMs: 0, etag: null});
        this.wake();
    }

    /** @param {Subject} subject */
    delete(subject) {
        this.#subjects.delete(subject);
    }

    /** Looks whose turn it is: to be called when a subject begins to want pictures. */
    wake() {
        clearTimeout(this.#timer);
        if (document.hidden || this.#end.signal.aborted) {
            return;
        }
        const now = performance.now();
        let nextMs = Infinity;
        for (const [subject, turn] of this.#subjects) {
            if (!subject.wantsSnapshot || !subject.snapshot) {
                continue;
            }
            if (turn.dueMs > now) {
                nextMs = Math.min(nextMs, turn.dueMs);
            } else if (this.#underWay < AT_ONCE) {
                this.#fetch(subject, turn);
            } else {
                return; // Whoever is under way looks again at its end.
            }
        }
        if (nextMs < Infinity) {
            this.#timer = setTimeout(() => this.wake(), nextMs - now);
        }
    }

    close() {
        clearTimeout(this.#timer);
        this.#end.abort();
        this.#subjects.clear();
    }

    async #fetch(subject, turn) {
        this.#underWay++;
        const begunMs = performance.now();
        turn.dueMs = Infinity;
        this.#subjects.delete(subject);
        this.#subjects.set(subject, turn);
        let waitMs = RETRY_MS;
        try {
            const response = await fetch(subject.snapshot, {
                cache: 'no-store', // The ETag is kept here, and a cache of pictures would only wear out a disk.
                headers: turn.etag ? {'If-None-Match': turn.etag} : {},
                signal: AbortSignal.any([this.#end.signal, AbortSignal.timeout(TIMEOUT_MS)])
            });
            if (response.ok) {
                const picture = await response.blob();
                turn.etag = response.headers.get('ETag');
                if (this.#subjects.has(subject)) {
                    subject.showSnapshot(picture);
                }
            }
            if (response.ok || response.status === 304) {
                waitMs = this.#periodMs();
            }
        } catch {
            // No connection, too late, or closed: the status says what is wrong, and the next turn may do better.
        }
        turn.dueMs = begunMs + waitMs;
        this.#underWay--;
        this.wake();
    }

    #periodMs() {
        const wanting = [...this.#subjects.keys()].filter(subject => subject.wantsSnapshot).length;
        return Math.max(PERIOD_MS, wanting * 1000 / MOST_PER_SECOND);
    }
}
