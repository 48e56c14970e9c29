// Functions by which tests read a page. It runs in every page before the page's own scripts.

/**
 * What the test chart in a picture says of itself in its two lowest rows (docs/simulator.md).
 *
 * @param {HTMLVideoElement|HTMLCanvasElement|HTMLImageElement} picture
 * @returns {?{frame: number, ageMs: number}} null when it shows no chart
 */
globalThis.readChart = picture => {
    const pixels = drawn(picture);
    const frame = pixels && readRow(pixels, 28);
    const clock = pixels && readRow(pixels, 29);
    // The low 32 bits of milliseconds since 1970; so is the difference.
    return frame === null || clock === null ? null : {frame, ageMs: (Date.now() - clock) | 0};
};

/** The colours of what the camera sees, in the middle of each of the chart's 40 columns: they change when its head moves. */
globalThis.readWorld = picture => {
    const pixels = drawn(picture);
    return pixels && Array.from({length: 40}, (_, column) => colour(pixels, column, 3));
};

/** How many of the world's columns are clearly different. */
globalThis.changedColumns = (world, before) =>
    world.filter((colours, i) => colours.some((value, part) => Math.abs(value - before[i][part]) > 60)).length;

function drawn(picture) {
    const width = picture.videoWidth ?? picture.naturalWidth ?? picture.width;
    const height = picture.videoHeight ?? picture.naturalHeight ?? picture.height;
    if (width === 0 || height === 0) {
        return null;
    }
    const context = new OffscreenCanvas(width, height).getContext('2d', {willReadFrequently: true});
    context.drawImage(picture, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
}

/** Red, green and blue in the middle of a block of the chart's grid of 40 columns and 30 rows. */
function colour({data, width, height}, column, row) {
    const x = Math.floor((column + 0.5) * width / 40);
    const y = Math.floor((row + 0.5) * height / 30);
    return [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3)];
}

/** A row's 32 bits behind a white and a black block; null when these or the parity bit behind are not as they must be. */
function readRow(pixels, row) {
    const levels = Array.from({length: 35}, (_, block) => colour(pixels, 2 + block, row)[1]);
    const middle = (levels[0] + levels[1]) / 2;
    const bits = levels.map(level => level > middle ? 1 : 0);
    const ones = bits.slice(2).reduce((sum, bit) => sum + bit);
    if (levels[0] - levels[1] < 64 || ones % 2 !== 0) {
        return null;
    }
    return bits.slice(2, 34).reduce((value, bit) => value * 2 + bit);
}

/** Whether a condition becomes true before the time is over. */
globalThis.until = (condition, patienceMs) => new Promise((resolve, reject) => {
    const end = performance.now() + patienceMs;
    const look = () => {
        try {
            if (condition()) {
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

/** The middle of an element, scrolled into the window. */
globalThis.middle = element => {
    element.scrollIntoView({block: 'center', behavior: 'instant'});
    const box = element.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
};
