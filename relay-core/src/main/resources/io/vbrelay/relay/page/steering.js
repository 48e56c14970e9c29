// Gives one camera the commands of one operator: the newest wish at once, and never a stop that is lost.

import {repeat} from '/page/repeat.js';

const PERIOD_MS = 1000;

/**
 * The relay takes control back 20 s after the last command (docs/control.md); whoever holds a button longer says so
 * again.
 */
const STILL_HELD_MS = 10_000;

/** Of its X-Operator, which lasts as long as the tab. */
const OPERATOR_KEY = 'vbrelay-operator';

/** Commands that the relay answers only when the camera has got there. */
const SLOW = ['move', 'moveBy', 'preset'];

/** A connection that was closed while it was idle fails the first command on it; that to the camera may as well. */
const STOP_ATTEMPTS = 3;

/** The relay answers a command within about three seconds, and a look within two (docs/control.md). */
const TIMEOUT_MS = 10_000;

const STILL = {pan: 0, tilt: 0, zoom: 0};

/**
 * Turning is told by wishes: each of those who may want the camera to turn - a button, a key, the wheel - says how, and
 * the camera turns by the sum of them until it is still. Commands go one at a time; while one is under way only the
 * newest waits, and one that takes long is stopped for it. A stop goes beside it, at once.
 *
 * Events: `status` with what `GET ptz` tells, once a second while the page is seen; `answer` with what became of a
 * command.
 */
export class Steering extends EventTarget {
    #url;
    #operator = operator();
    #end = new AbortController();
    #wishes = new Map();
    #turning = STILL; // As last commanded; still means that the camera needs no stop.
    #next;
    #sending = false;
    #slow = false; // A move goes on, as far as is known.
    #stopping;
    #stops = 0; // Stops wanted so far.
    #reminder;

    /** @param {string} camera its name */
    constructor(camera) {
        super();
        this.#url = `/api/v1/cameras/${encodeURIComponent(camera)}/ptz`;
        const {signal} = this.#end;
        repeat(() => this.#look(), PERIOD_MS, signal);
        // A key that is let go of elsewhere is not heard of.
        window.addEventListener('blur', () => this.#releaseAll(), {signal});
        window.addEventListener('pagehide', () => this.#releaseAll(), {signal});
        document.addEventListener('visibilitychange', () => document.hidden && this.#releaseAll(), {signal});
    }

    /**
     * Turns until told otherwise.
     *
     * @param {string} who wants it: a button, a key, the wheel
     * @param {{pan?: number, tilt?: number, zoom?: number}} wish -1 is left, down, out; 1 is right, up, in; {} lets go
     */
    hold(who, wish) {
        this.#wishes.set(who, wish);
        const sum = axis => Math.sign([...this.#wishes.values()].reduce((total, one) => total + (one[axis] ?? 0), 0));
        const wanted = {pan: sum('pan'), tilt: sum('tilt'), zoom: sum('zoom')};
        if (!same(wanted, this.#turning)) {
            this.#turn(wanted);
        }
    }

    /** @param {Object} command as docs/control.md has it, but neither a jog nor a stop */
    order(command) {
        if (this.#slow || isTurning(this.#turning)) {
            this.#stop();
        }
        this.#send(command);
    }

    /** Stands still, whatever was wished. */
    halt() {
        this.#wishes.clear();
        this.#next = undefined;
        this.#stop();
    }

    /** Stops what turns. */
    close() {
        this.#releaseAll();
        this.#end.abort();
    }

    #releaseAll() {
        this.#wishes.clear();
        if (isTurning(this.#turning)) {
            this.#turn(STILL);
        }
    }

    #turn(wanted) {
        const before = this.#turning;
        // A jog leaves an axis that it does not name as it is, so one that is let go of must be stopped first.
        const letsGo = (before.zoom && !wanted.zoom) || ((before.pan || before.tilt) && !wanted.pan && !wanted.tilt);
        if (letsGo || this.#slow) {
            this.#stop();
        }
        this.#turning = wanted;
        clearInterval(this.#reminder);
        if (isTurning(wanted)) {
            this.#send({jog: jog(wanted)});
            this.#reminder = setInterval(() => this.#send({jog: jog(wanted)}), STILL_HELD_MS);
        } else {
            this.#next = undefined;
        }
    }

    #stop() {
        clearInterval(this.#reminder);
        this.#turning = STILL;
        this.#slow = false;
        this.#sendStop();
    }

    #sendStop() {
        this.#stops++;
        this.#stopping ??= this.#insist({stop: true}).finally(() => {
            this.#stopping = undefined;
        });
    }

    async #insist(command) {
        for (let attempt = 1; attempt <= STOP_ATTEMPTS; attempt++) {
            if (!mayHaveBegun(await this.#post(command))) {
                return;
            }
        }
    }

    async #send(command) {
        this.#next = command;
        if (this.#sending) {
            return;
        }
        this.#sending = true;
        while (this.#next) {
            await this.#stopping; // Which must come first, and connections keep no order among each other.
            const newest = this.#next;
            this.#next = undefined;
            if (newest) {
                await this.#carryOut(newest);
            }
        }
        this.#sending = false;
    }

    async #carryOut(command) {
        const slow = SLOW.some(name => name in command);
        const stops = this.#stops;
        this.#slow ||= slow;
        const answer = await this.#post(command);
        const {outcome} = answer;
        if (slow) {
            this.#slow = outcome === 'under_way';
        }
        const obeyed = outcome === 'done' || outcome === 'under_way';
        if ('jog' in command && !obeyed) {
            if (!this.#next?.jog) { // A newer wish has not been refused.
                clearInterval(this.#reminder);
                this.#turning = STILL;
            }
            if (mayHaveBegun(answer)) {
                await this.#stopping;
                this.#sendStop();
            }
        } else if ('jog' in command && this.#stops !== stops) {
            await this.#stopping;
            this.#sendStop(); // The one before may have overtaken the jog on its way.
        }
    }

    /** Does not fail: what goes wrong is an answer too. */
    async #post(command) {
        let answer;
        try {
            const response = await fetch(this.#url, {
                method: 'POST',
                headers: {'Content-Type': 'application/json', 'X-Operator': this.#operator},
                body: JSON.stringify(command),
                keepalive: true, // A stop must arrive though the page goes.
                signal: AbortSignal.timeout(TIMEOUT_MS)
            });
            answer = {...await response.json(), status: response.status};
        } catch {
            answer = {status: 0};
        }
        this.dispatchEvent(new CustomEvent('answer', {detail: {...answer, command}}));
        return answer;
    }

    async #look() {
        try {
            const response = await fetch(this.#url, {
                cache: 'no-store',
                headers: {'X-Operator': this.#operator},
                signal: AbortSignal.any([this.#end.signal, AbortSignal.timeout(TIMEOUT_MS)])
            });
            if (response.ok) {
                const status = await response.json();
                this.#slow &&= status.moving || this.#sending;
                this.dispatchEvent(new CustomEvent('status', {detail: status}));
            }
        } catch {
            // The state of the picture tells that the relay is away.
        }
    }
}

/** Random, since who knows it is that operator. */
function operator() {
    const name = [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
    try {
        const kept = sessionStorage.getItem(OPERATOR_KEY) ?? name;
        sessionStorage.setItem(OPERATOR_KEY, kept);
        return kept;
    } catch {
        return name; // A browser that keeps nothing for sites; this page is an operator by itself.
    }
}

/** Whether nobody knows what the camera made of a command: there was no answer, or none from the camera. */
function mayHaveBegun({status, outcome}) {
    return status === 0 || outcome === 'failed';
}

function isTurning({pan, tilt, zoom}) {
    return Boolean(pan || tilt || zoom);
}

function same(one, other) {
    return one.pan === other.pan && one.tilt === other.tilt && one.zoom === other.zoom;
}

function jog({pan, tilt, zoom}) {
    const across = pan < 0 ? 'left' : pan > 0 ? 'right' : '';
    const along = tilt < 0 ? 'down' : tilt > 0 ? 'up' : '';
    const direction = along && across ? along + across[0].toUpperCase() + across.slice(1) : along || across;
    return {...(direction && {direction}), ...(zoom && {zoom: zoom > 0 ? 'in' : 'out'})};
}
