// The status page: how cameras, streams and viewers fare, by the API and, on the relay's own machine, by its metrics.

import {fetchCameras} from '/page/api.js';
import {byRole, element, fillWords, ready, setText} from '/page/dom.js';
import {Metrics} from '/page/metrics.js';
import {Plot} from '/page/plot.js';
import {repeat} from '/page/repeat.js';
import {cameraState, stream as streamWords, title, words} from '/page/words.js';

const PERIOD_MS = 2000;

const TIMEOUT_MS = 10_000;

/**
 * A figure: its heading, digits, least full height, and its value in one sample. What needs the metrics is undefined
 * without them.
 *
 * @typedef {{word: string, digits: number, least: number, value: Function}} Column
 */

/** @type {Column[]} */
const TOTALS = [{
    word: 'camerasUp',
    digits: 0,
    least: 1,
    value: ({cameras}) => cameras.filter(({state}) => state === 'streaming').length
}, {
    word: 'viewers',
    digits: 0,
    least: 1,
    value: ({cameras}) => cameras.reduce((sum, camera) => sum + camera.viewers, 0)
}, {
    word: 'sentInAll',
    digits: 2,
    least: 0.1,
    value: ({metrics}) => megabits(metrics?.rate('vbrelay_sent_bytes_total'))
}, {
    word: 'loopBusy',
    digits: 0,
    least: 100,
    value: ({metrics}) => percent(metrics?.sum('vbrelay_viewer_loop_busy'))
}, {
    word: 'rejected',
    digits: 0,
    least: 1,
    value: ({metrics}) => perMinute(metrics?.rate('vbrelay_rejected_total'))
}];

/** @type {Column[]} */
const OF_CAMERA = [{
    word: 'frames',
    digits: 1,
    least: 1,
    value: ({camera}) => camera.fps
}, {
    word: 'viewers',
    digits: 0,
    least: 1,
    value: ({camera}) => camera.viewers
}, {
    word: 'dropped',
    digits: 0,
    least: 1,
    value: ({metrics, labels}) => perMinute(metrics?.rate('vbrelay_camera_frames_dropped_total', labels))
}, {
    word: 'reconnects',
    digits: 0,
    least: 1,
    value: ({metrics, labels}) => metrics?.sum('vbrelay_camera_reconnects_total', labels)
}];

/** @type {Column[]} */
const OF_STREAM = [{
    word: 'viewers',
    digits: 0,
    least: 1,
    value: ({stream}) => stream.viewers
}, {
    word: 'sent',
    digits: 2,
    least: 0.1,
    value: ({metrics, labels}) => megabits(metrics?.rate('vbrelay_sent_bytes_total', labels))
}, {
    word: 'frames',
    digits: 1,
    least: 1,
    value: ({metrics, encoder}) => metrics?.rate('vbrelay_encode_seconds_count', encoder)
}, {
    word: 'encoding',
    digits: 1,
    least: 1,
    value: ({metrics, encoder}) => milliseconds(metrics?.mean('vbrelay_encode_seconds', encoder))
}, {
    word: 'latency',
    digits: 1,
    least: 1,
    value: ({metrics, labels}) => milliseconds(metrics?.mean('vbrelay_frame_latency_seconds', labels))
}, {
    word: 'skips',
    digits: 0,
    least: 1,
    value: ({metrics, labels}) => perMinute(metrics?.rate('vbrelay_viewer_skips_total', labels))
}];

// Undefined comes out of these as NaN, which a plot leaves out as well.

function megabits(bytesPerSecond) {
    return bytesPerSecond * 8 / 1e6;
}

function milliseconds(seconds) {
    return seconds * 1000;
}

function percent(share) {
    return share * 100;
}

function perMinute(perSecond) {
    return perSecond * 60;
}

/** A term and its plot for each column. */
class Figures {
    element;
    #columns;
    #plots;

    constructor(list, columns) {
        this.element = list;
        this.#columns = columns;
        this.#plots = columns.map(({digits, least}) => new Plot(digits, least));
        list.append(...columns.map(({word}, i) =>
            element('div', {}, element('dt', {}, words[word]), element('dd', {}, this.#plots[i].element))));
    }

    add(sample) {
        this.#columns.forEach(({value}, i) => this.#plots[i].add(value(sample)));
    }
}

/** One stream's row of the table. */
class StreamRow {
    element = element('tr');
    #plots = OF_STREAM.map(({digits, least}) => new Plot(digits, least));

    constructor(stream) {
        this.element.append(
            element('th', {scope: 'row'}, streamWords(stream)),
            ...this.#plots.map((plot, i) => element('td', {'data-column': words[OF_STREAM[i].word]}, plot.element)));
    }

    add(sample) {
        this.element.classList.toggle('idle', !sample.stream.viewers);
        OF_STREAM.forEach(({value}, i) => this.#plots[i].add(value(sample)));
    }
}

function rowKey({profile, format}) {
    return `${profile} ${format}`;
}

/** One camera: its state, figures of its own and a table of its streams. */
class CameraSection {
    element;
    #figures = new Figures(element('dl', {class: 'totals'}), OF_CAMERA);
    #state = element('span', {class: 'state', 'data-role': 'state'});
    #body = element('tbody');
    #rows = new Map();

    constructor(name) {
        const head = element('tr', {}, element('th', {scope: 'col'}, words.stream),
            ...OF_STREAM.map(({word}) => element('th', {scope: 'col'}, words[word])));
        this.element = element('section', {class: 'card fares', 'data-camera': name, 'aria-label': name},
            element('h2', {}, element('a', {href: `/cameras/${encodeURIComponent(name)}`}, name), this.#state),
            this.#figures.element,
            element('table', {}, element('thead', {}, head), this.#body));
    }

    add(camera, metrics) {
        this.element.dataset.state = camera.state;
        setText(this.#state, cameraState(camera));
        this.#figures.add({camera, metrics, labels: {camera: camera.name}});
        for (const [key, row] of this.#rows) {
            if (!camera.streams.some(stream => rowKey(stream) === key)) {
                row.element.remove();
                this.#rows.delete(key);
            }
        }
        for (const stream of camera.streams) {
            const key = rowKey(stream);
            if (!this.#rows.has(key)) {
                const row = new StreamRow(stream);
                this.#rows.set(key, row);
                this.#body.append(row.element);
            }
            const {profile, format, codec: coded} = stream;
            this.#rows.get(key).add({
                stream,
                metrics,
                labels: {camera: camera.name, profile, format},
                encoder: {camera: camera.name, profile, format: coded} // FLV and MP4 share one.
            });
        }
    }
}

const totals = new Figures(byRole('totals'), TOTALS);
const sections = new Map();
let metrics;
let refused = false; // Then there is no use in asking again.

/** Undefined where the relay does not show them. */
async function fetchMetrics() {
    if (refused) {
        return undefined;
    }
    const response = await fetch('/metrics', {cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS)});
    refused = response.status === 403;
    return response.ok ? new Metrics(await response.text(), performance.now(), metrics) : undefined;
}

function show(cameras) {
    totals.add({cameras, metrics});
    for (const [name, section] of sections) {
        if (!cameras.some(camera => camera.name === name)) {
            section.element.remove();
            sections.delete(name);
        }
    }
    for (const camera of cameras) {
        if (!sections.has(camera.name)) {
            const section = new CameraSection(camera.name);
            sections.set(camera.name, section);
            byRole('cameras').append(section.element);
        }
        sections.get(camera.name).add(camera, metrics);
    }
}

async function poll() {
    let trouble = '';
    try {
        const [cameras, read] = await Promise.all([fetchCameras(), fetchMetrics()]);
        metrics = read;
        show(cameras);
        trouble = refused ? words.metricsRefused : '';
    } catch {
        trouble = words.unreachable;
    }
    setText(byRole('notice'), trouble);
    byRole('notice').hidden = !trouble;
}

fillWords();
document.title = title(words.status);
repeat(poll, PERIOD_MS, new AbortController().signal); // As long as the page is there.
ready();
