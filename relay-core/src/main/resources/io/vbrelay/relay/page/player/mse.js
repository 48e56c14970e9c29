// Plays fragmented MP4 and WebM: fetched, and handed to the browser's decoder by MediaSource.

import {LiveVideo} from './livevideo.js';
import {chunks, once, StreamError} from './stream.js';

// Safari on phones has the managed one only.
const Source = globalThis.MediaSource ?? globalThis.ManagedMediaSource;

// Played and kept, so that a browser has no reason to look back for what it needs.
const KEPT_SECONDS = 5;

/** @param {string} type with its codec @returns {boolean} whether this browser says that it plays that */
export function canPlay(type) {
    return Source?.isTypeSupported(type) ?? false;
}

/**
 * @param {Response} response
 * @param {HTMLVideoElement} video
 * @param {import('./stream.js').Session} session
 * @param {import('./mp4.js').Mp4Reader | import('./webm.js').WebmReader} reader
 * @param {boolean} quickToGo as LiveVideo has it
 * @returns {Promise<void>} when the relay has ended the stream
 */
export async function playSegments(response, video, session, reader, quickToGo) {
    const live = new LiveVideo(video, session, quickToGo);
    session.gone.addEventListener('abort', () => {
        video.removeAttribute('src');
        video.load(); // Frees the decoder now, not when the video is collected.
    }, {once: true});
    const source = await open(video, session.signal);
    const first = []; // Until the codec is known.
    let buffer;
    for await (const chunk of chunks(response.body)) {
        session.heard();
        const pictures = reader.push(chunk);
        first.push(chunk);
        if (!buffer && !reader.type) {
            continue;
        }
        buffer ??= new Buffer(source, reader.type, live, session.signal);
        for (const bytes of first.splice(0)) {
            await buffer.append(bytes);
        }
        if (pictures.length > 0) {
            live.arrived(pictures.at(-1).seconds);
            await buffer.forget(pictures);
        }
    }
}

async function open(video, signal) {
    const source = new Source();
    video.disableRemotePlayback = true; // A managed one opens only then.
    const url = URL.createObjectURL(source);
    video.src = url;
    try {
        await once(source, 'sourceopen', signal);
    } finally {
        URL.revokeObjectURL(url);
    }
    return source;
}

/**
 * The browser's buffer. One piece is appended at a time, and the next is only taken from the line when it is in: there is no
 * queue here that could grow.
 */
class Buffer {
    #source;
    #live;
    #signal;
    #keys = []; // Times in the stream that can be played from, the oldest first; what was before the first is gone.

    constructor(source, type, live, signal) {
        if (!canPlay(type)) {
            throw new StreamError('unplayable', type);
        }
        this.#source = source.addSourceBuffer(type);
        this.#live = live;
        this.#signal = signal;
    }

    async append(bytes) {
        try {
            await this.#run(() => this.#source.appendBuffer(bytes));
        } catch (error) {
            if (error.name !== 'QuotaExceededError' || !(await this.#forgetBefore(this.#live.position))) {
                throw error;
            }
            await this.#run(() => this.#source.appendBuffer(bytes));
        }
    }

    /** Takes note of pictures that are in, and removes those of long ago. */
    async forget(pictures) {
        this.#keys.push(...pictures.filter(picture => picture.key).map(picture => picture.seconds));
        await this.#forgetBefore(this.#live.position - KEPT_SECONDS);
    }

    /** Removes whole groups only: half of one would take the rest with it. False if there was none. */
    async #forgetBefore(seconds) {
        const gone = this.#keys.findLastIndex(key => key <= seconds);
        if (gone <= 0) {
            return false;
        }
        this.#keys.splice(0, gone);
        await this.#run(() => this.#source.remove(0, this.#keys[0]));
        return true;
    }

    async #run(change) {
        const done = once(this.#source, 'updateend', this.#signal);
        try {
            change();
        } catch (error) {
            done.catch(() => {});
            throw error.name === 'InvalidStateError' ? new StreamError('unplayable', error.message) : error;
        }
        await done;
    }
}
