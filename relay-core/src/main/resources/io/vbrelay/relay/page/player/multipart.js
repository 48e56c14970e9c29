// Takes a multipart/x-mixed-replace body of the relay apart.

import {ByteQueue} from './bytes.js';
import {StreamError} from './stream.js';

const LF = 10;

// The relay's own parts have about 90 bytes of headers.
const MAX_HEADER_BYTES = 4096;

// The relay takes no picture of more than 2 MB from a camera; what is mended in it makes it little longer.
const MAX_PICTURE_BYTES = 4 << 20;

/**
 * A parser that is given chunks and gives the parts that are complete. The length says where a part ends, so it is there
 * with its last byte; the delimiter behind it is only looked at with the next part.
 */
export class MultipartReader {
    #queue = new ByteQueue();
    #delimiter;
    #part; // Of which the headers are read: {length, seconds}.

    /** @param {string | null} contentType with its boundary */
    constructor(contentType) {
        const boundary = /boundary="?([^";\s]+)/i.exec(contentType ?? '')?.[1];
        if (!boundary) {
            throw new StreamError('unplayable', `no boundary in '${contentType}'`);
        }
        this.#delimiter = `--${boundary}`;
    }

    /**
     * @param {Uint8Array} chunk
     * @returns {{seconds: number, bytes: Uint8Array}[]} X-Timestamp, seconds since 1970 by the relay's clock, and the picture
     */
    push(chunk) {
        this.#queue.push(chunk);
        const parts = [];
        while (this.#part || this.#readHeaders()) {
            if (this.#queue.length < this.#part.length) {
                break;
            }
            parts.push({seconds: this.#part.seconds, bytes: this.#queue.take(this.#part.length)});
            this.#part = undefined;
        }
        return parts;
    }

    /** Takes the delimiter and the headers behind it, if they are complete. */
    #readHeaders() {
        const bytes = this.#queue.peek();
        const lines = [];
        let start = 0;
        for (;;) {
            const end = bytes.indexOf(LF, start);
            if (end < 0 || end > MAX_HEADER_BYTES) {
                if (bytes.length > MAX_HEADER_BYTES) {
                    throw new StreamError('network', 'headers of a part have no end');
                }
                return false;
            }
            const line = String.fromCharCode(...bytes.subarray(start, end)).trimEnd();
            start = end + 1;
            if (line) {
                lines.push(line);
            } else if (lines.length > 0) { // A blank line before the delimiter ends the part before.
                break;
            }
        }
        this.#queue.take(start);
        this.#part = this.#describe(lines);
        return true;
    }

    #describe([delimiter, ...lines]) {
        if (delimiter !== this.#delimiter) {
            throw new StreamError('network', 'a part begins with no delimiter');
        }
        const headers = new Map(lines.map(line => {
            const colon = line.indexOf(':');
            return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
        }));
        const length = Number(headers.get('content-length') ?? NaN);
        const seconds = Number(headers.get('x-timestamp') ?? NaN);
        if (!Number.isInteger(length) || length <= 0 || length > MAX_PICTURE_BYTES || !Number.isFinite(seconds)) {
            throw new StreamError('network', 'a part has no length or no time');
        }
        return {length, seconds};
    }
}
