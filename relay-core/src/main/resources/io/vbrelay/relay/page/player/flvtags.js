// Reads along in an FLV with H.264: when each picture is due (Adobe's FLV specification 10.1, annex E).

import {ByteQueue, viewOf} from './bytes.js';
import {StreamError} from './stream.js';

const FILE_HEADER = 9;
const PREVIOUS_SIZE = 4;
const TAG_HEADER = 11;

// A tag holds one picture; the relay has no larger ones. A length has 24 bits.
const MAX_TAG_BYTES = 8 << 20;

const VIDEO = 9;
const H264 = 7;
const PICTURE = 1; // AVCPacketType NALU; 0 is the decoder's configuration.

/** A parser that is given chunks and tells the time of each picture whose last byte has come. */
export class FlvReader {
    #queue = new ByteQueue();
    #headerRead = false;

    /**
     * @param {Uint8Array} chunk
     * @returns {import('./mp4.js').PictureTime[]}
     */
    push(chunk) {
        this.#queue.push(chunk);
        if (!this.#headerRead && !this.#readHeader()) {
            return [];
        }
        const pictures = [];
        for (;;) {
            const tag = viewOf(this.#queue.peek());
            if (tag.byteLength < TAG_HEADER) {
                return pictures;
            }
            const length = tag.getUint32(0) & 0xffffff;
            if (length > MAX_TAG_BYTES) {
                throw new StreamError('unplayable', `FLV: a tag of ${length} bytes`);
            }
            const end = TAG_HEADER + length + PREVIOUS_SIZE;
            if (tag.byteLength < end) {
                return pictures;
            }
            this.#read(tag, length, pictures);
            this.#queue.take(end);
        }
    }

    #readHeader() {
        if (this.#queue.length < FILE_HEADER + PREVIOUS_SIZE) {
            return false;
        }
        const header = viewOf(this.#queue.peek());
        if (header.getUint32(0) >>> 8 !== 0x464c56 || header.getUint32(5) !== FILE_HEADER) {
            throw new StreamError('unplayable', 'FLV: no header');
        }
        this.#queue.take(FILE_HEADER + PREVIOUS_SIZE);
        this.#headerRead = true;
        return true;
    }

    #read(tag, length, pictures) {
        if (tag.getUint8(0) !== VIDEO || length < 2) {
            return;
        }
        const kind = tag.getUint8(TAG_HEADER);
        if ((kind & 0xf) !== H264) {
            throw new StreamError('unplayable', `FLV: codec ${kind & 0xf}`);
        }
        if (tag.getUint8(TAG_HEADER + 1) === PICTURE) {
            const ms = tag.getUint8(7) * 0x1000000 + (tag.getUint32(4) >>> 8); // The highest byte comes last.
            pictures.push({seconds: ms / 1000, key: kind >> 4 === 1});
        }
    }
}
