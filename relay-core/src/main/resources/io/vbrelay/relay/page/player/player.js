// The player: one camera's live picture in an element, whatever happens to the line, the relay or the camera.

import {CameraFeed} from '../api.js';
import {backoffSeconds} from './backoff.js';
import {RelayClock} from './clock.js';
import {CAMERA_PROFILE, formatOf, playableStreams} from './formats.js';
import {openStream, Session, StreamError} from './stream.js';

// A glance at another tab should not cost a reconnection, and a minute of it no bandwidth.
const HIDDEN_MS = 3000;

// A stream that played so long was a good one: what comes next is the first failure again.
const GOOD_SECONDS = 10;

// Twice a second, so that no reader of a state waits for more than one.
const TELL_MS = 500;

// The picture that is next may be late by half of its period before the one on the screen counts as old.
const LATE_PERIODS = 1.5;

const now = () => performance.now() / 1000;

/** Thrown into what runs when somebody chose something else. */
const CHOSEN = new StreamError('ended', 'another choice');

/**
 * One camera in one element. Events: 'state', whose detail is a State, at every change and twice a second while there is something
 * to tell; 'camera', whose detail is what the relay says of the camera (docs/http.md), once a second.
 *
 * @typedef {object} State
 * @property {'connecting' | 'live' | 'away' | 'reconnecting' | 'paused' | 'failed'} name
 * @property {number} [lagSeconds] live, away: how old the picture was by the relay's clock when it came on the screen, or more if
 *     the next is overdue; undefined while that is not known
 * @property {Date} [awaySince] away: when the camera's last frame came, undefined when there was none
 * @property {number} [retrySeconds] reconnecting: until the next attempt, 0 during one
 * @property {import('./stream.js').Reason} [reason] reconnecting, failed: why; connecting: why not in the format before
 * @property {string} [format] that plays or is tried
 * @property {string} [profile] undefined for the camera's own JPEGs, which are the same in every profile
 * @property {{width: number, height: number}} [size] of the picture
 */
export class Player extends EventTarget {
    /** What the relay said last of the camera. @type {object | undefined} */
    camera;

    /** What shows the picture, for full screen and for its pixels. @type {HTMLVideoElement | HTMLCanvasElement | undefined} */
    element;

    #stage;
    #feed;
    #choice;
    #life = new AbortController(); // Until close.
    #run; // An AbortController from start to stop, or while the page is visible.
    #wanted = false;
    #hiding;
    #attempt; // The Session that runs, or none.
    #wait; // An AbortController that ends a wait early.
    #onScreen; // The Session whose picture is seen.
    #unfit = new Map(); // Formats not to try, each with the reason.
    #stream; // As the status has it.
    #since = 0; // When the first picture of what is on the screen came.
    #picture; // Newest on the screen: {seconds, at, width, height}.
    #toldAt = 0;
    #state = {name: 'paused'}; // Its name is 'live' while the camera is away, too.
    #relayClock = new RelayClock();
    #streamClock = new RelayClock();

    /**
     * @param {HTMLElement} stage is filled with the picture
     * @param {string} cameraName
     * @param {{format?: string, profile?: string}} [choice] 'auto' or one of formats; the first profile if left out
     */
    constructor(stage, cameraName, {format = 'auto', profile} = {}) {
        super();
        this.#stage = stage;
        this.#choice = {format, profile};
        this.#feed = new CameraFeed(cameraName);
        const {signal} = this.#life;
        this.#feed.addEventListener('camera', ({detail}) => this.#told(detail), {signal});
        document.addEventListener('visibilitychange', () => this.#seen(), {signal});
        // Browsers keep a page that was left for the way back, and its connections with it: of six, for all pages of a relay.
        window.addEventListener('pagehide', () => this.#halt(), {signal});
        window.addEventListener('pageshow', () => this.#seen(), {signal});
        window.addEventListener('online', () => this.#wait?.abort(), {signal});
        const timer = setInterval(() => this.#tick(), TELL_MS);
        signal.addEventListener('abort', () => clearInterval(timer));
    }

    /** What this browser can play of this camera, best first; empty until the first status. @returns {string[]} */
    get formats() {
        return this.#streams().filter(stream => this.#unfit.get(stream.format) !== 'unplayable').map(stream => stream.format);
    }

    /** Plays, from now on, whenever the page is visible. */
    start() {
        this.#wanted = true;
        if (!this.#run && !document.hidden && !this.#life.signal.aborted) {
            this.#run = new AbortController();
            this.#unfit.clear();
            this.#set({name: 'connecting'});
            this.#feed.start();
            this.#play(this.#run.signal);
        }
    }

    /** Closes the connection. The last picture stays. */
    stop() {
        this.#wanted = false;
        this.#halt();
    }

    /** Ends all, and leaves the stage empty. A closed player stays closed. */
    close() {
        this.stop();
        clearTimeout(this.#hiding);
        this.#life.abort();
        this.#onScreen?.close();
        this.#onScreen = undefined;
        this.element?.remove();
        this.element = undefined;
    }

    /**
     * Plays something else; what is on the screen stays there until it comes. What is left out stays as it was.
     *
     * @param {{format?: string, profile?: string}} choice
     */
    choose(choice) {
        this.#choice = {...this.#choice, ...choice};
        this.#unfit.clear();
        this.#attempt?.fail(CHOSEN);
        this.#wait?.abort();
    }

    #halt() {
        this.#run?.abort();
        this.#run = undefined;
        this.#feed.stop();
        this.#set({name: 'paused'});
    }

    #seen() {
        clearTimeout(this.#hiding);
        if (document.hidden) {
            this.#hiding = setTimeout(() => this.#halt(), HIDDEN_MS);
        } else if (this.#wanted) {
            this.start();
        }
    }

    #streams() {
        return this.camera ? playableStreams(this.camera, this.#choice.profile) : [];
    }

    /** Attempt after attempt, until it is stopped. */
    async #play(signal) {
        let failures = 0;
        while (!signal.aborted) {
            const begun = now();
            const error = await this.#tryStream(signal).catch(failed => failed);
            if (signal.aborted) {
                return;
            }
            const played = this.#attempt !== undefined && this.#attempt === this.#onScreen;
            this.#attempt = undefined;
            if (error === CHOSEN) {
                failures = 0;
                this.#set({name: 'connecting'});
            } else if (this.#moveOn(error, played, failures > 0 && now() - begun < GOOD_SECONDS)) {
                this.#set({name: 'connecting', reason: error.reason});
            } else {
                failures = played && now() - begun > GOOD_SECONDS ? 1 : failures + 1;
                await this.#pause(error, failures, signal);
            }
        }
    }

    /** Whether another format may do better: this one shows nothing, or has failed again. Then the one that failed is not tried again, until something else is chosen. */
    #moveOn({reason, limit}, played, again) {
        const format = this.#stream?.format;
        if (reason === 'unplayable' && format && (!played || again)) {
            this.#unfit.set(format, reason);
            if (this.#pick()) {
                return true;
            }
            if (format === 'mjpeg') {
                this.#unfit.delete(format); // Every browser plays it: the camera's pictures are broken, and may be whole again.
            }
            return false;
        }
        if (limit === 'encoders' && this.#choice.format === 'auto' && this.formats.includes('mjpeg')) {
            ['mp4', 'webm', 'flv'].forEach(encoded => this.#unfit.set(encoded, reason)); // JPEGs need no encoder.
            return true;
        }
        return false;
    }

    #pick() {
        const fit = this.#streams().filter(stream => !this.#unfit.has(stream.format));
        return fit.find(stream => stream.format === this.#choice.format) ?? fit[0];
    }

    /** Until the next attempt is due, or somebody knows that it may work now. */
    async #pause(error, failures, signal) {
        const seconds = backoffSeconds(failures, error.retryAfterSeconds);
        const nothing = error.reason === 'unplayable' && this.camera !== undefined && this.#pick() === undefined;
        this.#set(nothing
            ? {name: 'failed', reason: error.reason}
            : {name: 'reconnecting', reason: error.reason, due: now() + seconds});
        this.#wait = new AbortController();
        const end = AbortSignal.any([signal, this.#wait.signal]);
        await new Promise(done => {
            const timer = nothing ? undefined : setTimeout(done, seconds * 1000);
            end.addEventListener('abort', () => {
                clearTimeout(timer);
                done();
            });
        });
        this.#wait = undefined;
    }

    /** @returns {Promise<StreamError>} why it is over */
    async #tryStream(signal) {
        this.#stream = undefined;
        await this.#status(signal);
        this.#stream = this.#pick();
        if (!this.#stream) {
            throw new StreamError('unplayable', 'no stream that this browser plays');
        }
        const {format, url} = this.#stream;
        const {element: tag, play} = formatOf(format);
        const element = this.#prepare(tag);
        const session = new Session(signal, this.#period(), this.camera.holdSeconds, picture => {
            this.#show(session, element, picture);
        });
        this.#attempt = session;
        try {
            const response = await openStream(url, session.signal);
            session.signal.throwIfAborted(); // Between the answer and now: what play starts would never be told to stop.
            await play(response, element, session);
            throw new StreamError('ended', url);
        } catch (error) {
            throw session.signal.aborted ? session.signal.reason : asStreamError(error);
        } finally {
            session.fail(new StreamError('ended', url));
            if (session !== this.#onScreen) {
                session.close();
                element.remove();
            }
        }
    }

    /** What the relay says of the camera, if it has not been asked yet, or not since something failed. */
    async #status(signal) {
        const end = new AbortController();
        try {
            await new Promise((resolve, reject) => {
                const {signal: over} = end;
                this.#feed.addEventListener('camera', resolve, {signal: over});
                this.#feed.addEventListener('error', ({detail}) => {
                    reject(new StreamError(detail.status === 404 ? 'gone' : 'network', detail.message));
                }, {signal: over});
                signal.addEventListener('abort', () => reject(signal.reason), {signal: over});
                if (this.camera) {
                    resolve();
                }
            });
        } finally {
            end.abort();
        }
    }

    /** In the stage, so that it is laid out and draws, but not seen before it has a picture. */
    #prepare(tag) {
        const element = document.createElement(tag);
        if (tag === 'video') {
            element.muted = true;
            element.playsInline = true;
        }
        Object.assign(element.style, {position: 'absolute', inset: '0', opacity: '0', pointerEvents: 'none'});
        this.#stage.append(element);
        return element;
    }

    #show(session, element, picture) {
        if (session !== this.#onScreen) {
            Object.assign(element.style, {position: '', inset: '', opacity: '', pointerEvents: ''});
            this.element?.remove();
            this.#onScreen?.close();
            this.element = element;
            this.#onScreen = session;
            this.#since = now();
            this.#streamClock.reset();
            this.#feed.refresh();
        }
        this.#picture = picture;
        if (this.#state.name !== 'live') {
            this.#set({name: 'live'});
        }
    }

    /** Seconds from picture to picture. */
    #period() {
        return 1 / (this.#stream.fps || this.camera.fps || 1);
    }

    #told({camera, sent, received}) {
        const known = this.camera && offer(this.camera);
        this.camera = camera;
        if (known !== undefined && known !== offer(camera)) {
            this.#unfit.clear();
            if (this.#state.name === 'failed') {
                this.#wait?.abort();
            }
        }
        this.#toldAt = sent / 1000; // What was asked before a picture came tells nothing of the time behind it.
        this.#relayClock.sample(camera.now, sent / 1000, received / 1000);
        const stream = camera.streams.find(({url}) => url === this.#stream?.url);
        if (stream?.liveSeconds !== undefined) {
            this.#streamClock.sample(stream.liveSeconds, sent / 1000, received / 1000);
        }
        this.dispatchEvent(new CustomEvent('camera', {detail: camera}));
    }

    #set(state) {
        this.#state = state;
        this.#tell();
    }

    #tick() {
        if (this.#state.name === 'live' || this.#state.name === 'reconnecting') {
            this.#tell();
        }
    }

    #tell() {
        this.dispatchEvent(new CustomEvent('state', {detail: this.#describe()}));
    }

    /** @returns {State} */
    #describe() {
        const {name, reason, due} = this.#state;
        const {format, profile} = this.#stream ?? {};
        const {width, height} = this.#picture ?? {};
        const state = {
            name,
            reason,
            format,
            profile: profile === CAMERA_PROFILE ? undefined : profile,
            size: width ? {width, height} : undefined,
        };
        if (name === 'live') {
            state.lagSeconds = this.#lag();
            if (this.#isAway()) {
                state.name = 'away';
                state.awaySince = this.camera.frameTime === undefined ? undefined : new Date(this.camera.frameTime * 1000);
            }
        } else if (name === 'reconnecting') {
            state.retrySeconds = Math.max(0, due - now());
        }
        return state;
    }

    /** As the relay said since there is a picture: before, a camera on demand was away because nobody watched. */
    #isAway() {
        return this.#toldAt > this.#since && this.camera.state !== 'streaming' && this.camera.state !== 'idle';
    }

    /** At least 0: the relay's clock is only known to half a round trip, which a picture from near by takes less than. */
    #lag() {
        const clock = this.#stream.format === 'mjpeg' ? this.#relayClock : this.#streamClock; // That the picture's time is of.
        const {seconds, at} = this.#picture;
        const then = clock.at(at);
        return then && Math.max(0, then - seconds, clock.at(now()) - seconds - LATE_PERIODS * this.#period());
    }
}

/** What there is to play, so that two offers can be compared. */
function offer({streams}) {
    return JSON.stringify(streams.map(({url, format, codec}) => [url, format, codec]));
}

/** What nobody foresaw is a fault of the format's player: another may do better. */
function asStreamError(error) {
    return error instanceof StreamError ? error : new StreamError('unplayable', error.message);
}
