// Which formats there are, what plays each, and which of a camera's streams this browser takes.

import {playFlv} from './flv.js';
import {playParts} from './mjpeg.js';
import {Mp4Reader} from './mp4.js';
import {canPlay, playSegments} from './mse.js';
import {WebmReader} from './webm.js';

/**
 * Best first. `types`: what a browser is asked for each codec, with a profile that all of its kind play; the stream's own header has
 * the last word. docs/player.md has the measurements behind the order.
 */
const FORMATS = {
    mp4: {
        element: 'video',
        types: {
            h264: 'video/mp4; codecs="avc1.42E01E"',
            vp9: 'video/mp4; codecs="vp09.00.10.08"',
            av1: 'video/mp4; codecs="av01.0.04M.08"',
        },
        play: (response, video, session) => playSegments(response, video, session, new Mp4Reader(), true),
    },
    webm: {
        element: 'video',
        types: {
            vp8: 'video/webm; codecs="vp8"',
            vp9: 'video/webm; codecs="vp9"',
            av1: 'video/webm; codecs="av01.0.04M.08"',
        },
        // Of WebM Chromium wants three pictures more before it shows the one that was gone to.
        play: (response, video, session) => playSegments(response, video, session, new WebmReader(), false),
    },
    flv: {element: 'video', types: {h264: 'video/mp4; codecs="avc1.42E01E"'}, play: playFlv},
    mjpeg: {element: 'canvas', play: playParts},
};

/**
 * @param {string} format
 * @returns {{element: string, play: (response: Response, element: HTMLElement, session: object) => Promise<void>}}
 */
export function formatOf(format) {
    return FORMATS[format];
}

function playable({format, codec}) {
    const {types} = FORMATS[format] ?? {types: {}};
    return types === undefined || (types[codec] !== undefined && canPlay(types[codec]));
}

/** The status has the camera's own JPEGs under this name, once; they are the same in every profile. */
export const CAMERA_PROFILE = 'camera';

/**
 * @param {object} camera its status
 * @param {string} [profile] the camera's first if it is left out or not there
 * @returns {object[]} the streams of that profile that this browser plays, best first
 */
export function playableStreams(camera, profile) {
    const profiles = camera.streams.map(stream => stream.profile).filter(name => name !== CAMERA_PROFILE);
    const wanted = profiles.includes(profile) ? profile : profiles[0];
    const order = Object.keys(FORMATS);
    return camera.streams
        .filter(stream => stream.profile === wanted || stream.profile === CAMERA_PROFILE)
        .filter(playable)
        .sort((a, b) => order.indexOf(a.format) - order.indexOf(b.format));
}
