// Decides how fast to play, so that the picture on the screen stays as close to the camera as the line allows.

// Of the pictures of the last seconds, this share has to be there when its turn comes. The others are shown as they come.
const IN_TIME = 0.9;
const REMEMBERED_SECONDS = 5;
const LEAST_REMEMBERED = 10; // At one picture a second five would say little.
const MOST_REMEMBERED = 200;

// From the last byte of a picture to the screen a browser needs time to take it in and to decode it.
const MARGIN_SECONDS = 0.02;

// What is late is made up for in 1 / GAIN seconds, for the most part: each second the delay shrinks by this share of itself. So it
// comes near and cannot overshoot, as long as decisions come many times in that time.
const GAIN = 0.5;

// And a period shrinks it by this share at most. Chromium stops a video that plays at 1.25, and has one picture only, after a fifth
// of the picture's time: then hurrying is what makes it late.
const GAIN_OF_PERIOD = 0.1;

const SLOWEST = 0.9;
const FASTEST = 1.25;
const STEP = 0.01;

// Catching up so much at FASTEST would take four seconds: go there at once. But a browser may want a few pictures to get there.
const JUMP_SECONDS = 1;
const JUMP_PERIODS = 5;

/**
 * The rule. A picture's delay is the time of its arrival less its time in the stream; only differences of delays mean anything. The
 * target is a delay that nine of ten pictures keep, so it adapts to the jitter of camera and line, and works the same at one
 * picture a second and at thirty. All times are in seconds; local ones by performance.now.
 */
export class Chase {
    #arrivals = []; // {at, delay}, the newest last.
    #gain;
    #jump;

    /** @param {number} periodSeconds from picture to picture */
    constructor(periodSeconds) {
        this.#gain = Math.min(GAIN, GAIN_OF_PERIOD / periodSeconds);
        this.#jump = Math.max(JUMP_SECONDS, JUMP_PERIODS * periodSeconds);
    }

    /**
     * A picture can be played from now on. Of several that come together only the newest counts: the others are old.
     *
     * @param {number} seconds its time in the stream
     * @param {number} at local
     */
    arrived(seconds, at) {
        this.#arrivals.push({at, delay: at - seconds});
        const old = this.#arrivals.findIndex(arrival => arrival.at >= at - REMEMBERED_SECONDS);
        const {length} = this.#arrivals;
        this.#arrivals.splice(0, Math.max(Math.min(old, length - LEAST_REMEMBERED), length - MOST_REMEMBERED));
    }

    /**
     * @param {number} at local
     * @returns {number | undefined} the time in the stream that should be on the screen then
     */
    target(at) {
        if (this.#arrivals.length === 0) {
            return undefined;
        }
        const delays = this.#arrivals.map(arrival => arrival.delay).sort((a, b) => a - b);
        return at - delays[Math.ceil(delays.length * IN_TIME) - 1] - MARGIN_SECONDS;
    }

    /**
     * @param {number} position what is on the screen, time in the stream
     * @param {number} at local
     * @returns {{rate: number} | {jump: number}} to play at from now on, or a time in the stream to go to
     */
    decide(position, at) {
        const target = this.target(at) ?? position;
        const late = target - position;
        if (late > this.#jump) {
            return {jump: target};
        }
        const rate = Math.min(FASTEST, Math.max(SLOWEST, 1 + this.#gain * late));
        return {rate: Math.round(rate / STEP) * STEP};
    }
}
