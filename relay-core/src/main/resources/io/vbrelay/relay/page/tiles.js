// The page of all cameras: keeps a tile for each of them, and asks once a second how they are.

import {fetchCameras} from '/page/api.js';
import {byRole, fillWords, ready, setText} from '/page/dom.js';
import {repeat} from '/page/repeat.js';
import {Snapshots} from '/page/snapshots.js';
import {Tile} from '/page/tile.js';
import {cameraCount, title, words} from '/page/words.js';

const PERIOD_MS = 1000;

const tiles = new Map();
const snapshots = new Snapshots();
const inView = new IntersectionObserver(entries => {
    for (const {target, isIntersecting} of entries) {
        const tile = tiles.get(target.dataset.camera);
        if (tile) {
            tile.inView = isIntersecting;
        }
    }
    snapshots.wake();
}, {rootMargin: '100px'});

/** One tile at a time is live. */
let live;

function onLive(tile) {
    if (live !== tile) {
        live?.rest();
    }
    live = tile;
}

function show(cameras) {
    for (const [name, tile] of tiles) {
        if (!cameras.some(camera => camera.name === name)) {
            snapshots.delete(tile);
            inView.unobserve(tile.element);
            tile.close();
            tiles.delete(name);
        }
    }
    for (const camera of cameras) {
        let tile = tiles.get(camera.name);
        if (!tile) {
            tile = new Tile(camera.name, onLive);
            tiles.set(camera.name, tile);
            byRole('tiles').append(tile.element);
            inView.observe(tile.element);
            snapshots.add(tile);
        }
        tile.update(camera);
    }
    const away = cameras.filter(({state}) => state !== 'streaming' && state !== 'idle').length;
    setText(byRole('summary'), cameras.length ? cameraCount(cameras.length, away) : words.noCameras);
    snapshots.wake();
}

async function poll() {
    const notice = byRole('notice');
    try {
        show(await fetchCameras());
        notice.hidden = true;
    } catch {
        setText(notice, words.unreachable);
        notice.hidden = false;
    }
}

fillWords();
document.title = title(words.cameras);
repeat(poll, PERIOD_MS, new AbortController().signal); // As long as the page is there.
ready();
