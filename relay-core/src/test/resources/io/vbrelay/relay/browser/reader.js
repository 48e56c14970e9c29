// Functions by which tests read a page. It runs in every page before the page's own scripts.

/**
 * What the test chart in a picture says of itself in its two lowest rows (docs/simulator.md).
 *
 * @param {HTMLVideoElement|HTMLCanvasElement|HTMLImageElement} picture
 * @returns {?{frame: number, ageMs: number}} null when it shows no chart
 */
globalThis.readChart = picture => {
    const frame = readBits(picture, 28);
    const clock = readBits(picture, 29);
    // The low 32 bits of milliseconds since 1970; so is the difference.
    return frame === null || clock === null ? null : {frame, ageMs: (Date.now() - clock) | 0};
};

/** The colours of what the camera sees, in each of the chart's columns: they change when its head turns. */
globalThis.readWorld = picture => readRow(picture, 3);

/** How many of the world's columns are clearly different. */
globalThis.changedColumns = (world, before) =>
    world.filter((colours, i) => colours.some((value, part) => Math.abs(value - before[i][part]) > 60)).length;

/** A row's 32 bits behind a white and a black block; null when these or the parity bit behind are not as they must be. */
function readBits(picture, row) {
    const levels = readRow(picture, row).slice(2, 37).map(([, green]) => green);
    const middle = (levels[0] + levels[1]) / 2;
    const bits = levels.map(level => level > middle ? 1 : 0);
    const ones = bits.slice(2).reduce((sum, bit) => sum + bit);
    if (levels[0] - levels[1] < 64 || ones % 2 !== 0) {
        return null;
    }
    return bits.slice(2, 34).reduce((value, bit) => value * 2 + bit);
}

/** Red, green and blue in the middle of each of the 40 blocks in one of the chart's 30 rows; black where there is no picture. */
function readRow(picture, row) {
    const width = picture.videoWidth ?? picture.naturalWidth ?? picture.width;
    const height = picture.videoHeight ?? picture.naturalHeight ?? picture.height;
    line.clearRect(0, 0, 40, 1);
    if (width > 0 && height > 0) {
        line.canvas.width = width;
        line.drawImage(picture, 0, Math.floor((row + 0.5) * height / 30), width, 1, 0, 0, width, 1);
    }
    const {data} = line.getImageData(0, 0, line.canvas.width, 1);
    return Array.from({length: 40}, (_, column) => {
        const at = 4 * Math.floor((column + 0.5) * line.canvas.width / 40);
        return [data[at], data[at + 1], data[at + 2]];
    });
}

const line = new OffscreenCanvas(40, 1).getContext('2d', {willReadFrequently: true});

/** Whether a condition becomes true before the time is over. */
globalThis.until = (condition, patienceMs) => new Promise((resolve, reject) => {
    const end = performance.now() + patienceMs;
    const look = async () => {
        try {
            if (await condition()) {
                resolve(true);
            } else if (performance.now() > end) {
                resolve(false);
            } else {
                setTimeout(look, 20);
            }
        } catch (error) {
            reject(error);
        }
    };
    look();
});

/** What the page says of the state it is in, and what its videos do, for a test that fails. */
globalThis.said = () => ({
    states: [...document.querySelectorAll('[data-role=state]')].map(element => element.textContent),
    videos: [...document.querySelectorAll('video')].map(video => ({
        at: video.currentTime, paused: video.paused, seeking: video.seeking, readyState: video.readyState, rate: video.playbackRate,
        buffered: Array.from({length: video.buffered.length}, (_, i) => [video.buffered.start(i), video.buffered.end(i)])
    })),
    player: globalThis.watched?.state,
    lags: globalThis.watched?.lags.slice(-5)
});

/** A place in an element, by shares of its width and height, when it is scrolled into the window. */
globalThis.place = (element, right, down) => {
    element.scrollIntoView({block: 'center', behavior: 'instant'});
    const box = element.getBoundingClientRect();
    return [box.x + right * box.width, box.y + down * box.height];
};

/** Follows a player: its newest state, the chart's frames that it has shown, and how old they were as shown and in truth. */
globalThis.watch = player => {
    const watched = {state: undefined, frames: new Set(), lags: [], lag, isStill, forget};
    globalThis.watched = watched;
    let worlds = [];
    player.addEventListener('state', ({detail}) => {
        watched.state = detail;
        const chart = player.element && readChart(player.element);
        if (detail.name === 'live' && detail.lagSeconds !== undefined && chart) {
            watched.lags.push({shown: detail.lagSeconds, real: chart.ageMs / 1000});
        }
    });
    setInterval(() => {
        const chart = player.element && readChart(player.element);
        if (chart && !watched.frames.has(chart.frame)) {
            watched.frames.add(chart.frame);
            worlds = [...worlds, readWorld(player.element)].slice(-3);
        }
    }, 20);

    /** Medians of the last three; undefined before. */
    function lag() {
        const last = watched.lags.slice(-3);
        const median = value => last.map(value).sort((a, b) => a - b)[1];
        return last.length < 3 ? undefined : {
            shown: median(({shown}) => shown), real: median(({real}) => real), off: median(({shown, real}) => shown - real)
        };
    }

    /** As if nothing had been seen yet. */
    function forget() {
        watched.frames.clear();
        watched.lags.length = 0;
        worlds = [];
    }

    /** Whether the last three pictures show the same world. */
    function isStill() {
        return worlds.length === 3 && changedColumns(worlds[2], worlds[0]) === 0;
    }
};

/** Does to a menu what a viewer's choice does, which has no place in the page that a mouse could press. */
globalThis.choose = (menu, value) => {
    menu.value = value;
    menu.dispatchEvent(new Event('change', {bubbles: true}));
};

/** Follows the pictures of all tiles: the chart's frames that they have shown, and how old the newest is. */
globalThis.watchTiles = () => {
    performance.setResourceTimingBufferSize(100_000);
    performance.clearResourceTimings(); // Of what the page is made of.
    globalThis.tiles = [...document.querySelectorAll('[data-camera]')].map(element => ({element, frames: new Set(), ageMs: Infinity}));
    setInterval(() => {
        for (const tile of tiles) {
            const live = tile.element.querySelector('video, canvas');
            const chart = readChart(live ?? tile.element.querySelector('img'));
            tile.ageMs = chart ? chart.ageMs : Infinity;
            if (chart) {
                tile.frames.add(chart.frame);
            }
        }
    }, 100);
};

/** How many requests were under way at once, at most, of those that have ended. */
globalThis.mostAtOnce = () => {
    const changes = performance.getEntriesByType('resource')
        .flatMap(({startTime, responseEnd}) => [[startTime, 1], [responseEnd, -1]])
        .sort(([a, up], [b, alsoUp]) => a - b || up - alsoUp);
    let now = 0;
    return Math.max(...changes.map(([, change]) => now += change));
};

/** Sets `tookMs` to the milliseconds from the next press of the mouse to the first picture that shows another world. */
globalThis.fromPressToChange = () => {
    const {player} = document.querySelector('[data-role=stage]');
    const before = readWorld(player.element);
    globalThis.tookMs = undefined;
    addEventListener('pointerdown', press => {
        const look = () => {
            if (changedColumns(readWorld(player.element), before) > 0) {
                globalThis.tookMs = performance.now() - press.timeStamp;
            } else {
                requestAnimationFrame(look);
            }
        };
        look();
    }, {capture: true, once: true});
};
