// Plays the camera's own JPEGs: fetched, decoded by the browser, drawn on a <canvas>. Every browser can do that.

import {MultipartReader} from './multipart.js';
import {chunks, StreamError} from './stream.js';

// As long as a video may show nothing (livevideo.js): so long, besides these periods, all pictures may be broken.
const BROKEN_SECONDS = 5;
const BROKEN_PERIODS = 2;

const now = () => performance.now() / 1000;

/**
 * @param {Response} response
 * @param {HTMLCanvasElement} canvas
 * @param {import('./stream.js').Session} session
 * @returns {Promise<void>} when the relay has ended the stream
 */
export async function playParts(response, canvas, session) {
    const reader = new MultipartReader(response.headers.get('Content-Type'));
    const painter = new Painter(canvas, session);
    for await (const chunk of chunks(response.body)) {
        session.heard();
        const newest = reader.push(chunk).at(-1);
        if (newest) {
            painter.paint(newest);
        }
    }
}

/** Draws one picture at a time. Of those that come meanwhile the newest is next, and the others are not shown. */
class Painter {
    #canvas;
    #context;
    #session;
    #next;
    #busy = false;
    #brokenSince; // The first of those that could not be decoded, since one could.

    constructor(canvas, session) {
        this.#canvas = canvas;
        this.#context = canvas.getContext('2d', {alpha: false});
        this.#session = session;
    }

    /** @param {{seconds: number, bytes: Uint8Array}} part */
    async paint(part) {
        this.#next = part;
        if (this.#busy) {
            return;
        }
        this.#busy = true;
        while (this.#next && !this.#session.signal.aborted) {
            const {seconds, bytes} = this.#next;
            this.#next = undefined;
            const bitmap = await createImageBitmap(new Blob([bytes], {type: 'image/jpeg'})).catch(() => undefined);
            if (bitmap) {
                this.#draw(bitmap);
                this.#brokenSince = undefined;
                this.#session.shown({seconds, at: now(), width: this.#canvas.width, height: this.#canvas.height});
            } else {
                this.#leaveOut();
            }
        }
        this.#busy = false;
    }

    /** One that cannot be decoded; but when none can, something else is to be tried. */
    #leaveOut() {
        this.#brokenSince ??= now();
        if (now() - this.#brokenSince > BROKEN_SECONDS + BROKEN_PERIODS * this.#session.periodSeconds) {
            this.#session.fail(new StreamError('unplayable', 'the browser decodes none of these JPEGs'));
        }
    }

    #draw(bitmap) {
        const {width, height} = bitmap;
        if (this.#canvas.width !== width || this.#canvas.height !== height) {
            Object.assign(this.#canvas, {width, height}); // Clears it, so only when it must be.
        }
        this.#context.drawImage(bitmap, 0, 0);
        bitmap.close();
    }
}
