// Bytes that came and were not used yet, for parsers of streams that are cut anywhere.

/** A queue of bytes. What is taken from it is never written to again, so it may be kept. */
export class ByteQueue {
    #bytes = new Uint8Array(0);

    /** How many there are. */
    get length() {
        return this.#bytes.length;
    }

    /** @param {Uint8Array} chunk belongs to the queue from now on */
    push(chunk) {
        if (this.#bytes.length === 0) {
            this.#bytes = chunk;
            return;
        }
        const both = new Uint8Array(this.#bytes.length + chunk.length);
        both.set(this.#bytes);
        both.set(chunk, this.#bytes.length);
        this.#bytes = both;
    }

    /** @returns {Uint8Array} all of them, which stay */
    peek() {
        return this.#bytes;
    }

    /** @param {number} count at most as many as there are */
    take(count) {
        const taken = this.#bytes.subarray(0, count);
        this.#bytes = this.#bytes.subarray(count);
        return taken;
    }
}

/** @param {Uint8Array} bytes */
export function viewOf(bytes) {
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
