// Reads along in a live WebM: which codec it carries, and when each picture is due (RFC 8794, RFC 9559).

import {ByteQueue, viewOf} from './bytes.js';
import {av1Codec} from './mp4.js';
import {StreamError} from './stream.js';

// A cluster holds one picture; the relay has no larger ones.
const MAX_ELEMENT_BYTES = 8 << 20;

const ID = {
    SEGMENT: 0x18538067,
    INFO: 0x1549a966,
    TIMESTAMP_SCALE: 0x2ad7b1,
    TRACKS: 0x1654ae6b,
    TRACK_ENTRY: 0xae,
    CODEC_ID: 0x86,
    CODEC_PRIVATE: 0x63a2,
    CLUSTER: 0x1f43b675,
    TIMESTAMP: 0xe7,
    SIMPLE_BLOCK: 0xa3,
    BLOCK_GROUP: 0xa0,
    BLOCK: 0xa1,
    REFERENCE_BLOCK: 0xfb,
};

const KEY = 0x80;

/** Nanoseconds, if the file says nothing (RFC 9559, 5.1.2.9). */
const DEFAULT_SCALE = 1_000_000;

const bad = what => new StreamError('unplayable', `WebM: ${what}`);

/** A parser that is given chunks and tells the time of each picture whose last byte has come. */
export class WebmReader {
    /** For addSourceBuffer, once the header has come. @type {string | undefined} */
    type;

    #queue = new ByteQueue();
    #scale = DEFAULT_SCALE;

    /**
     * @param {Uint8Array} chunk
     * @returns {import('./mp4.js').PictureTime[]}
     */
    push(chunk) {
        this.#queue.push(chunk);
        const pictures = [];
        for (;;) {
            const view = viewOf(this.#queue.peek());
            const head = elementAt(view, 0);
            if (!head) {
                return pictures;
            }
            if (head.id === ID.SEGMENT) { // As long as the stream; what is in it comes next.
                this.#queue.take(head.header);
                continue;
            }
            if (head.size > MAX_ELEMENT_BYTES) {
                throw bad(`element ${head.id.toString(16)} of ${head.size} bytes`);
            }
            if (view.byteLength < head.header + head.size) {
                return pictures;
            }
            const element = viewOf(this.#queue.take(head.header + head.size));
            this.#read(head.id, slice(element, head.header, head.size), pictures);
        }
    }

    #read(id, content, pictures) {
        if (id === ID.INFO) {
            const scale = child(content, ID.TIMESTAMP_SCALE);
            this.#scale = scale ? unsigned(scale) : DEFAULT_SCALE;
        } else if (id === ID.TRACKS) {
            this.type = `video/webm; codecs="${codecOf(child(content, ID.TRACK_ENTRY))}"`;
        } else if (id === ID.CLUSTER) {
            this.#readCluster(content, pictures);
        }
    }

    #readCluster(cluster, pictures) {
        const start = child(cluster, ID.TIMESTAMP);
        if (!start || !this.type) {
            throw bad('a cluster without its time, or before the header');
        }
        for (const {id, content} of children(cluster)) {
            const block = id === ID.SIMPLE_BLOCK ? content : id === ID.BLOCK_GROUP ? child(content, ID.BLOCK) : undefined;
            if (block) {
                const {offset, flags} = blockHead(block);
                const key = id === ID.SIMPLE_BLOCK ? (flags & KEY) !== 0 : !child(content, ID.REFERENCE_BLOCK);
                pictures.push({seconds: (unsigned(start) + offset) * this.#scale / 1e9, key});
            }
        }
    }
}

/** Track number, time against the cluster's, flags. */
function blockHead(block) {
    const track = numberAt(block, 0);
    if (!track || block.byteLength < track.length + 3) {
        throw bad('a block is too short');
    }
    return {offset: block.getInt16(track.length), flags: block.getUint8(track.length + 2)};
}

function codecOf(track) {
    const content = track && child(track, ID.CODEC_ID);
    if (!content) {
        throw bad('no codec');
    }
    const id = String.fromCharCode(...new Uint8Array(content.buffer, content.byteOffset, Math.min(32, content.byteLength)));
    const config = child(track, ID.CODEC_PRIVATE);
    switch (id) {
        case 'V_VP8':
            return 'vp8';
        case 'V_VP9':
            return 'vp9'; // Its profile is only in the pictures, and the relay makes 8 bits and 4:2:0, profile 0.
        case 'V_AV1':
            if (!config || config.byteLength < 4) {
                throw bad('AV1 without its configuration');
            }
            return av1Codec(config);
        default:
            throw bad(`codec ${id}`);
    }
}

/** The first element of that kind in another, or undefined. */
function child(view, wanted) {
    for (const {id, content} of children(view)) {
        if (id === wanted) {
            return content;
        }
    }
    return undefined;
}

function* children(view) {
    for (let at = 0; at < view.byteLength;) {
        const head = elementAt(view, at);
        if (!head || at + head.header + head.size > view.byteLength) {
            throw bad('an element is longer than what it is in');
        }
        yield {id: head.id, content: slice(view, at + head.header, head.size)};
        at += head.header + head.size;
    }
}

/** The id and the size that begin at a byte; undefined while they are not complete. */
function elementAt(view, at) {
    const id = numberAt(view, at, true);
    const size = id && numberAt(view, at + id.length);
    return size && {id: id.value, size: size.value, header: id.length + size.length};
}

/**
 * A number of variable length (RFC 8794, 4): as many zero bits as bytes follow the first. Ids keep the bit behind them. One of
 * only ones is a size that is not known, and greater than any limit here.
 */
function numberAt(view, at, marked = false) {
    if (at >= view.byteLength) {
        return undefined;
    }
    const first = view.getUint8(at);
    const length = Math.clz32(first) - 23;
    if (length > (marked ? 4 : 8)) {
        throw bad('a number is too long');
    }
    if (at + length > view.byteLength) {
        return undefined;
    }
    let value = marked ? first : first & (0xff >> length);
    for (let i = 1; i < length; i++) {
        value = value * 256 + view.getUint8(at + i);
    }
    return {value, length};
}

function unsigned(view) {
    let value = 0;
    for (let i = 0; i < Math.min(8, view.byteLength); i++) {
        value = value * 256 + view.getUint8(i);
    }
    return value;
}

const slice = (view, start, length) => new DataView(view.buffer, view.byteOffset + start, length);
