// The addresses and commands by which other programs show a camera, each with a button that copies it.

import {element} from '/page/dom.js';
import {copyWhat, livePictureOf, stream as streamWords, words} from '/page/words.js';

/** How long a button says that it has copied. */
const SAID_MS = 2000;

/**
 * What to type or enter in each program: VLC's and ffplay's documented ways to open an address with little delay,
 * ffmpeg's `icecast:` protocol, and the two fields of Home Assistant's integration "MJPEG IP Camera".
 *
 * @param {Object} camera its status, as the API tells it
 * @param {string} profile whose streams are meant
 * @returns {{what: string, text: string}[]}
 */
export function programs(camera, profile) {
    const address = format => {
        const stream = camera.streams.find(each => each.format === format
            && (each.profile === profile || each.profile === 'camera'));
        return stream && absolute(stream.url);
    };
    const quoted = url => url.includes('?') ? `"${url}"` : url; // Shells take a ? for a pattern.
    const first = (...formats) => formats.map(address).find(Boolean);
    const rows = [];
    const row = (what, url, text) => url && rows.push({what, text: text(quoted(url))});
    row(words.vlc, first('webm', 'mp4', 'flv', 'mjpeg'), url => `vlc --network-caching=300 ${url}`);
    row(words.ffplay, first('flv', 'mp4', 'webm', 'mjpeg'), url => `ffplay -fflags nobuffer ${url}`);
    row(words.ffmpeg, first('mp4', 'webm', 'flv', 'mjpeg'), url => `ffmpeg -i ${url} -c copy ${camera.name}.mkv`);
    row(words.icecast, address('webm'), url => `ffmpeg -i ${url} -c copy -f webm -content_type video/webm `
        + `icecast://source:${words.icecastPassword}@${words.icecastHost}:8000/${camera.name}.webm`);
    const mjpeg = address('mjpeg');
    if (mjpeg) {
        rows.push({what: words.homeAssistant, text: mjpeg});
        if (camera.snapshot) {
            rows.push({what: words.homeAssistantStill, text: absolute(camera.snapshot)});
        }
    }
    return rows;
}

/** @returns {{what: string, text: string}[]} every stream's address, and the snapshot's */
export function streams(camera) {
    const rows = camera.streams.map(stream => ({what: streamWords(stream), text: absolute(stream.url)}));
    return camera.snapshot ? [...rows, {what: words.stillPicture, text: absolute(camera.snapshot)}] : rows;
}

/** @returns {{what: string, text: string}[]} the tag that shows the camera in another page */
export function embedding(camera) {
    const [width, height] = (camera.size ?? '640x480').split('x');
    const source = absolute(`/embed/${encodeURIComponent(camera.name)}`);
    return [{
        what: words.embedTag,
        text: `<iframe src="${source}" width="${width}" height="${height}" title="${livePictureOf(camera.name)}" `
            + 'allow="fullscreen" loading="lazy" style="border:0"></iframe>'
    }];
}

/**
 * Fills a list, unless it says the same already: somebody may be selecting in it.
 *
 * @param {HTMLElement} list a `dl`
 * @param {{what: string, text: string}[]} rows
 */
export function fillList(list, rows) {
    const key = JSON.stringify(rows);
    if (list.rows === key) {
        return;
    }
    list.rows = key;
    list.replaceChildren(...rows.map(({what, text}) => {
        const code = element('code', {}, text);
        const button = element('button', {type: 'button', 'aria-label': copyWhat(what)}, words.copy);
        button.addEventListener('click', () => copy(code, button));
        return element('div', {}, element('dt', {}, what), element('dd', {}, code, button));
    }));
}

async function copy(code, button) {
    try {
        await navigator.clipboard.writeText(code.textContent);
    } catch {
        // There is no clipboard for a page that came without TLS from another machine; the old way works there.
        getSelection().selectAllChildren(code);
        if (!document.execCommand('copy')) {
            return; // It is selected, at least.
        }
    }
    const label = button.getAttribute('aria-label');
    button.textContent = words.copied;
    button.setAttribute('aria-label', words.copied);
    setTimeout(() => {
        button.textContent = words.copy;
        button.setAttribute('aria-label', label);
    }, SAID_MS);
}

function absolute(url) {
    return new URL(url, location.href).href;
}
