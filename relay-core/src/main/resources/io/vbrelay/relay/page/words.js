// Every word that a person reads on these pages, and how states and numbers become words.

/** Fixed words, which HTML names by `data-word` and `data-label`. */
export const words = {
    product: 'vbrelay',
    skip: 'To the content',
    pages: 'Pages',
    cameras: 'Cameras',
    status: 'Status',

    noCameras: 'No camera is configured.',
    unreachable: 'The relay does not answer. Trying again.',

    format: 'Format',
    profile: 'Rendition',
    automatic: 'automatic',
    snapshot: 'Snapshot',
    fullScreen: 'Full screen',
    leaveFullScreen: 'Leave full screen',
    noSnapshot: 'No picture to keep: the camera has sent none.',
    snapshotFull: 'No picture kept: too many viewers.',
    snapshotFailed: 'No picture kept: the relay does not answer.',

    control: 'Control',
    pad: 'Pan and tilt',
    left: 'Left',
    right: 'Right',
    up: 'Up',
    down: 'Down',
    upLeft: 'Up and left',
    upRight: 'Up and right',
    downLeft: 'Down and left',
    downRight: 'Down and right',
    stop: 'Stop',
    zoom: 'Zoom',
    zoomIn: 'Nearer',
    zoomOut: 'Wider',
    position: 'Looks',
    leave: 'Give up control',
    unqueue: 'Leave the queue',
    wait: 'Wait for control',
    hint: 'Click into the picture to look there. With the picture or the pad in focus: arrow keys turn, + and − '
        + 'zoom, so does the wheel.',
    refused: 'This camera can be moved, but only from the machine that the relay runs on: open this page there, at its '
        + 'IP address or localhost, or at the address for operators, if there is one, by IP address.',

    presets: 'Presets',
    noPresets: 'None yet.',
    presetName: 'Name of this view',
    save: 'Save',

    elsewhere: 'Watch in other programs',
    streams: 'Streams',
    embedding: 'Show in another page',
    embedTag: 'Tag for its HTML',
    copy: 'Copy',
    copied: 'Copied',
    vlc: 'VLC',
    ffplay: 'ffplay',
    ffmpeg: 'ffmpeg, to a file',
    icecast: 'Icecast, by ffmpeg',
    homeAssistant: 'Home Assistant, MJPEG IP Camera: MJPEG URL',
    homeAssistantStill: 'Home Assistant: Still Image URL',
    stillPicture: 'newest picture',
    icecastPassword: 'PASSWORD',
    icecastHost: 'ICECAST',

    totals: 'In all',
    metricsRefused: 'Rates, times and losses are shown on the machine that the relay runs on only, since /metrics '
        + 'answers no other. Open this page there, or at the address for operators, if there is one.',
    statusHint: 'Rates and means are those of the last two seconds; a line shows up to five minutes.',
    viewers: 'Viewers',
    sent: 'Mbit/s',
    frames: 'Frames/s',
    latency: 'Latency, ms',
    encoding: 'Encoding, ms',
    skips: 'Skips/min',
    camerasUp: 'Cameras with a picture',
    sentInAll: 'Sent, Mbit/s',
    loopBusy: 'Busiest event loop, %',
    rejected: 'Refused/min',
    reconnects: 'Reconnects',
    dropped: 'Dropped/min',
    stream: 'Stream',
    none: '–'
};

/** How formats are called, with what their pictures are. */
const formats = {mp4: 'MP4', webm: 'WebM', flv: 'FLV', mjpeg: 'MJPEG'};

const codecs = {h264: 'H.264', flv1: 'Sorenson', vp8: 'VP8', vp9: 'VP9', av1: 'AV1', mjpeg: 'camera’s own JPEGs'};

const reasons = {
    network: 'no connection',
    full: 'too many viewers',
    gone: 'no such stream',
    unplayable: 'this browser can’t play it',
    ended: 'the stream ended'
};

/** A time of day; with the date if it is not today. */
export function time(date) {
    const today = date.toDateString() === new Date().toDateString();
    const clock = date.toLocaleTimeString('en-GB', {hour: '2-digit', minute: '2-digit'});
    return today ? clock : `${date.toLocaleDateString('en-GB', {day: 'numeric', month: 'short'})}, ${clock}`;
}

/** A length of time, short: `0.3 s`, `12 s`, `4 min`, `3 h`. */
export function duration(seconds) {
    if (seconds < 10) {
        return `${seconds.toFixed(1)} s`;
    }
    if (seconds < 120) {
        return `${Math.round(seconds)} s`;
    }
    return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function count(number, one, many) {
    return `${number} ${number === 1 ? one : many}`;
}

function bits(perSecond) {
    return perSecond >= 1e6 ? `${(perSecond / 1e6).toFixed(1)} Mbit/s` : `${Math.round(perSecond / 1e3)} kbit/s`;
}

/** The player's state in words: `live, 0.3 s behind`. */
export function playing({name, lagSeconds, awaySince, retrySeconds, reason}) {
    const why = reasons[reason];
    switch (name) {
        case 'live':
            return lagSeconds === undefined ? 'live' : `live, ${duration(lagSeconds)} behind`;
        case 'away':
            return awaySince ? `camera away since ${time(awaySince)}` : 'no picture yet';
        case 'reconnecting': {
            const again = retrySeconds > 0 ? `in ${Math.ceil(retrySeconds)} s` : 'now';
            return reason === 'full' ? `${why}; trying again ${again}` : `reconnecting ${again}`;
        }
        case 'paused':
            return 'paused';
        case 'failed':
            return why ?? 'can’t be played';
        default:
            return 'connecting';
    }
}

/** What is read aloud of the player's state: without numbers that change all the time. */
export function playingAloud(state) {
    return playing({...state, lagSeconds: undefined, retrySeconds: 0});
}

/** A camera's state in words, as its status tells it. */
export function cameraState({state, fps, frameTime}) {
    switch (state) {
        case 'streaming':
            return fps === undefined ? 'streaming' : `${fps.toFixed(1)} pictures a second`;
        case 'idle':
            return 'asleep until somebody watches';
        case 'connecting':
            return frameTime ? `camera away since ${time(new Date(frameTime * 1000))}` : 'connecting, no picture yet';
        case 'closed':
            return 'switched off';
        default:
            return frameTime ? `camera away since ${time(new Date(frameTime * 1000))}` : 'no picture yet';
    }
}

export function viewers(number) {
    return count(number, 'viewer', 'viewers');
}

/** How many cameras there are and how many of them are away. */
export function cameraCount(all, away) {
    return count(all, 'camera', 'cameras') + (away ? `, ${away} away` : '');
}

export function pictureOf(camera) {
    return `Picture of ${camera}`;
}

export function livePictureOf(camera) {
    return `Live picture of ${camera}`;
}

export function title(...parts) {
    return [...parts, words.product].join(' – ');
}

/** What the menu of formats says about one. */
export function format(name, codec) {
    return codec ? `${formats[name] ?? name}, ${codecs[codec] ?? codec}` : formats[name] ?? name;
}

export function automatic(now) {
    return now ? `${words.automatic} (${formats[now] ?? now})` : words.automatic;
}

/** What the menu of renditions says about one: `low: 320x240, 4 fps, 150 kbit/s`. */
export function profile({profile: name, size, fps, bitsPerSecond}) {
    const details = [size, fps && `${fps} fps`, bitsPerSecond && bits(bitsPerSecond)].filter(Boolean);
    return details.length ? `${name}: ${details.join(', ')}` : name;
}

/** What is under a stream's address. */
export function stream({profile: name, format: container, codec: coded}) {
    return container === 'mjpeg' ? format(container, coded) : `${format(container, coded)}, ${name}`;
}

/** Where a camera looks. */
export function position({pan, tilt, zoom}) {
    const degrees = value => `${Math.abs(value).toFixed(1)}°`;
    const across = Math.abs(pan) < 0.05 ? 'ahead' : `${degrees(pan)} ${pan > 0 ? 'right' : 'left'}`;
    const above = Math.abs(tilt) < 0.05 ? 'level' : `${degrees(tilt)} ${tilt > 0 ? 'up' : 'down'}`;
    return `${across}, ${above}, ${degrees(zoom)}\u00a0wide`;
}

/** Who controls the camera, and when it is one's turn. */
export function holder({holder: who, place, waiting, secondsLeft}) {
    if (who === 'you') {
        return waiting
            ? `You have control for ${secondsLeft} s more; ${count(waiting, 'other waits', 'others wait')}.`
            : 'You have control.';
    }
    if (who === 'nobody') {
        return 'Nobody has control: take it with any command.';
    }
    return place
        ? `Somebody else has control. You are number ${place} in the queue, ${secondsLeft} s at most.`
        : `Somebody else has control${waiting ? `, ${count(waiting, 'waits', 'wait')}` : ''}.`;
}

/** The same without seconds, to be read aloud when it changes. */
export function holderAloud({holder: who, place}) {
    if (who === 'you') {
        return 'You have control.';
    }
    if (who === 'nobody') {
        return 'Nobody has control.';
    }
    return place ? `Somebody else has control. You are number ${place} in the queue.` : 'Somebody else has control.';
}

/** Why a command was not done; empty when it was. */
export function answer({status, outcome, error}) {
    const detail = error ? `: ${error}` : '';
    switch (outcome) {
        case 'done':
        case 'under_way':
        case 'overtaken':
            return '';
        case 'waiting':
            return ''; // The line about who has control says it.
        case 'queue_full':
            return 'Somebody else has control, and the queue is full. Try again in a minute.';
        case 'busy':
            return 'The camera has more to do than it can; try again.';
        case 'refused':
            return `The camera refuses${detail}.`;
        case 'unsupported':
            return `The camera can’t do that${detail}.`;
        case 'failed':
            return `The camera does not obey${detail}.`;
        case 'wrong_preset':
            return `That did not work${detail}.`;
        default:
            return status === 0 ? 'The relay does not answer.' : status === 403 ? words.refused : `Refused${detail}.`;
    }
}

export function goToPreset(name) {
    return `Look at ${name}`;
}

export function forgetPreset(name) {
    return `Forget ${name}`;
}

export function presetKept(name) {
    return `Kept as ${name}.`;
}

export function copyWhat(what) {
    return `${words.copy}: ${what}`;
}
