// Plays FLV with H.264 by mpegts.js, which is loaded when it is needed first.

import {FlvReader} from './flvtags.js';
import {LiveVideo} from './livevideo.js';
import {chunks, once, StreamError} from './stream.js';

const LIBRARY = '/page/lib/mpegts.js';

let library;

/** The library is no module: it becomes a property of the window. */
async function load() {
    const script = document.createElement('script');
    script.src = LIBRARY;
    const end = new AbortController();
    const loaded = once(script, 'load', end.signal);
    script.addEventListener('error', () => end.abort(new StreamError('network', LIBRARY)), {signal: end.signal});
    document.head.append(script);
    try {
        await loaded;
        end.abort();
    } catch (error) {
        library = undefined; // The next one tries again.
        script.remove();
        throw error;
    }
    globalThis.mpegts.LoggingControl.enableAll = false;
    return globalThis.mpegts;
}

/**
 * @param {Response} response
 * @param {HTMLVideoElement} video
 * @param {import('./stream.js').Session} session
 * @returns {Promise<void>} when the relay has ended the stream
 */
export async function playFlv(response, video, session) {
    const over = new Promise((_, reject) => {
        session.signal.addEventListener('abort', () => reject(session.signal.reason), {once: true});
    });
    over.catch(() => {});
    const mpegts = await Promise.race([library ??= load(), over]);
    session.signal.throwIfAborted();
    const live = new LiveVideo(video, session, false); // What is gone to may not be in the buffer yet.
    const give = await open(mpegts, video, session);
    const reader = new FlvReader();
    let held; // The library waits for the next picture to know how long one lasts.
    for await (const chunk of chunks(response.body)) {
        session.heard();
        const pictures = reader.push(chunk);
        if (held === undefined && pictures.length > 0) {
            live.shift = pictures[0].seconds; // It counts from the first picture.
        }
        give(chunk);
        const playable = pictures.length > 1 ? pictures.at(-2).seconds : held;
        if (pictures.length > 0 && playable !== undefined) {
            live.arrived(playable);
        }
        held = pictures.at(-1)?.seconds ?? held;
    }
}

/** Resolves to the function that takes the stream's bytes. */
function open(mpegts, video, session) {
    return new Promise((resolve, reject) => {
        const {signal, gone} = session;
        signal.addEventListener('abort', () => reject(signal.reason), {once: true});
        const player = mpegts.createPlayer(
            {type: 'flv', isLive: true, hasAudio: false, url: '/'}, // Nobody asks for the URL: the loader is ours.
            {customLoader: loaderClass(mpegts, resolve), lazyLoad: false});
        player.on(mpegts.Events.ERROR, (kind, detail) => {
            session.fail(new StreamError('unplayable', `mpegts.js: ${kind}, ${detail}`));
        });
        gone.addEventListener('abort', () => player.destroy(), {once: true});
        player.attachMediaElement(video);
        player.load();
    });
}

/** In the place of the library's own requests: takes what this module reads, so that all formats fail in the same ways. */
function loaderClass(mpegts, opened) {
    return class extends mpegts.BaseLoader {
        #received = 0;

        constructor() {
            super('page');
            this._needStash = false;
        }

        open() {
            this._status = mpegts.LoaderStatus.kBuffering;
            opened(chunk => this.#give(chunk));
        }

        abort() {
            this._status = mpegts.LoaderStatus.kComplete;
        }

        #give(chunk) {
            const start = this.#received;
            this.#received += chunk.length;
            const whole = chunk.length === chunk.buffer.byteLength;
            this._onDataArrival(whole ? chunk.buffer : chunk.slice().buffer, start, this.#received);
        }
    };
}
