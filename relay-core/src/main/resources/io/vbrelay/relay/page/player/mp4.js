// Reads along in a fragmented MP4: which codec it carries, and when each picture is due (ISO/IEC 14496-12).

import {ByteQueue, viewOf} from './bytes.js';
import {StreamError} from './stream.js';

// A fragment holds one picture; the relay has no larger ones.
const MAX_BOX_BYTES = 8 << 20;
const BOX_HEADER = 8;

// Of a VisualSampleEntry, before the boxes in it: 8 bytes of every sample entry, 70 of a visual one.
const VISUAL_ENTRY = 78;

const NOT_SYNC = 0x10000; // sample_is_non_sync_sample

/**
 * What a chunk completed.
 *
 * @typedef {{seconds: number, key: boolean}} PictureTime
 */

const bad = what => new StreamError('unplayable', `MP4: ${what}`);
const hex = byte => byte.toString(16).padStart(2, '0');
const decimal = number => String(number).padStart(2, '0');

/**
 * A parser that is given chunks and tells the time of each picture whose last byte has come. Pictures are shown in the order
 * in which they are decoded: the relay's encoders put none behind a later one.
 */
export class Mp4Reader {
    /** For addSourceBuffer, once the header has come. @type {string | undefined} */
    type;

    #queue = new ByteQueue();
    #timescale = 0;
    #picture; // Of a fragment whose data is still to come.

    /**
     * @param {Uint8Array} chunk
     * @returns {PictureTime[]}
     */
    push(chunk) {
        this.#queue.push(chunk);
        try {
            return this.#readBoxes();
        } catch (error) {
            throw error instanceof RangeError ? bad('a box is too short') : error;
        }
    }

    #readBoxes() {
        const pictures = [];
        for (;;) {
            const bytes = this.#queue.peek();
            if (bytes.length < BOX_HEADER) {
                return pictures;
            }
            const {size, name} = boxAt(viewOf(bytes), 0, MAX_BOX_BYTES);
            if (bytes.length < size) {
                return pictures;
            }
            this.#read(name, viewOf(this.#queue.take(size)), pictures);
        }
    }

    #read(name, box, pictures) {
        if (name === 'moov') {
            this.#readHeader(box);
        } else if (name === 'moof') {
            this.#picture = this.#readFragment(box);
        } else if (name === 'mdat' && this.#picture) {
            pictures.push(this.#picture);
            this.#picture = undefined;
        }
    }

    #readHeader(moov) {
        const media = descend(content(moov), 'trak', 'mdia');
        const times = descend(media, 'mdhd');
        this.#timescale = times.getUint32(times.getUint8(0) === 1 ? 20 : 12);
        if (this.#timescale === 0) {
            throw bad('no timescale');
        }
        const descriptions = descend(media, 'minf', 'stbl', 'stsd');
        this.type = `video/mp4; codecs="${codecOf(slice(descriptions, 8))}"`; // Behind version, flags and count.
    }

    #readFragment(moof) {
        if (!this.type) {
            throw bad('a fragment before the header');
        }
        const track = descend(content(moof), 'traf');
        const start = descend(track, 'tfdt');
        const time = start.getUint8(0) === 1 ? Number(start.getBigUint64(4)) : start.getUint32(4);
        return {seconds: time / this.#timescale, key: (firstSampleFlags(track) & NOT_SYNC) === 0};
    }
}

/** The flags of a fragment's first sample: its own, or those for all. */
function firstSampleFlags(track) {
    const run = descend(track, 'trun');
    const has = run.getUint32(0);
    if (has & 0x4) {
        return run.getUint32(has & 0x1 ? 12 : 8);
    }
    const defaults = descend(track, 'tfhd');
    const given = defaults.getUint32(0);
    if (!(given & 0x20)) {
        return 0;
    }
    const before = (given & 0x1 ? 8 : 0) + (given & 0x2 ? 4 : 0) + (given & 0x8 ? 4 : 0) + (given & 0x10 ? 4 : 0);
    return defaults.getUint32(8 + before);
}

/** As RFC 6381 and the codecs' own documents write it. */
function codecOf(entries) {
    const {size, name} = boxAt(entries, 0, entries.byteLength);
    const inside = slice(entries, BOX_HEADER + VISUAL_ENTRY, size);
    if (name === 'avc1') {
        const avcC = descend(inside, 'avcC');
        return `avc1.${hex(avcC.getUint8(1))}${hex(avcC.getUint8(2))}${hex(avcC.getUint8(3))}`;
    }
    if (name === 'vp09') {
        const vpcC = descend(inside, 'vpcC');
        const [profile, level, depth] = [vpcC.getUint8(4), vpcC.getUint8(5), vpcC.getUint8(6) >> 4];
        return `vp09.${decimal(profile)}.${decimal(level)}.${decimal(depth)}`;
    }
    if (name === 'av01') {
        return av1Codec(descend(inside, 'av1C'));
    }
    throw bad(`codec ${name}`);
}

/**
 * @param {DataView} av1C an AV1CodecConfigurationRecord (AV1 in ISO base media files, 2.3.3)
 * @returns {string} such as 'av01.0.04M.08'
 */
export function av1Codec(av1C) {
    const [levels, bits] = [av1C.getUint8(1), av1C.getUint8(2)];
    const depth = bits & 0x40 ? (bits & 0x20 ? 12 : 10) : 8;
    return `av01.${levels >> 5}.${decimal(levels & 0x1f)}${bits & 0x80 ? 'H' : 'M'}.${decimal(depth)}`;
}

/** The box that begins at a byte, which must end before another. */
function boxAt(view, at, end) {
    const size = view.getUint32(at);
    const name = String.fromCharCode(...[4, 5, 6, 7].map(i => view.getUint8(at + i)));
    if (size < BOX_HEADER || at + size > end) { // 0 and 1 stand for endless and very long ones.
        throw bad(`box ${name} of ${size} bytes`);
    }
    return {size, name};
}

/** What is in the first box of each name, one inside the other. */
function descend(view, ...names) {
    let inside = view;
    for (const name of names) {
        inside = child(inside, name);
    }
    return inside;
}

function child(view, wanted) {
    for (let at = 0; at + BOX_HEADER <= view.byteLength;) {
        const {size, name} = boxAt(view, at, view.byteLength);
        if (name === wanted) {
            return slice(view, at + BOX_HEADER, at + size);
        }
        at += size;
    }
    throw bad(`no ${wanted}`);
}

const content = box => slice(box, BOX_HEADER);

function slice(view, start, end = view.byteLength) {
    return new DataView(view.buffer, view.byteOffset + start, end - start);
}
