// Plays the camera's own JPEGs: fetched, decoded by the browser, drawn on a <canvas>. Every browser can do that.

import {MultipartReader} from './multipart.js';
import {chunks} from './stream.js';

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
            if (bitmap) { // One that cannot be decoded is left out.
                this.#draw(bitmap);
                this.#session.shown(
                    {seconds, at: performance.now() / 1000, width: this.#canvas.width, height: this.#canvas.height});
            }
        }
        this.#busy = false;
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
