// Keeps a <video> close to the newest picture of what is put into its buffer, and tells which picture is on the screen.

import {Chase} from './chase.js';
import {StreamError} from './stream.js';

// Many times in the two seconds in which the chase makes up for what is late.
const TICK_MS = 100;

// More than this between what came and what the browser took in, and it will never get there. So long without a picture on the
// screen, too, besides the periods that one may take.
const MAX_BEHIND_SECONDS = 5;
const LATE_PERIODS = 2;

// Slower than this, pictures are gone to one by one as they come, where that is quick. Chromium stops a video for want of the next
// picture before the one on the screen has had its time; if that is long, so is the stop.
const STEP_PERIOD_SECONDS = 0.3;

/**
 * Browsers count in microseconds, and cut off the rest. A position just before a picture is still the one before; just behind its
 * beginning Chromium waits for the next. So it must be met.
 */
const whole = seconds => (Math.floor(seconds * 1e6 + 0.01) + 0.3) / 1e6;

const now = () => performance.now() / 1000;

/** A video that plays live until its session ends; then it stands still with its last picture. */
export class LiveVideo {
    /** The time in the stream where the video's own begins. */
    shift = 0;

    #video;
    #session;
    #chase;
    #steps;
    #newest; // Time in the stream.
    #gone; // To this picture, where pictures are gone to.
    #lastPosition;
    #progressAt; // When a picture came on the screen last, or the first into the buffer.

    /**
     * @param {HTMLVideoElement} video
     * @param {import('./stream.js').Session} session
     * @param {boolean} quickToGo whether a position is gone to without a picture behind it
     */
    constructor(video, session, quickToGo) {
        this.#video = video;
        this.#session = session;
        this.#chase = new Chase(session.periodSeconds);
        this.#steps = quickToGo && session.periodSeconds > STEP_PERIOD_SECONDS;
        const {signal} = session;
        const timer = setInterval(() => this.#tick(), TICK_MS);
        signal.addEventListener('abort', () => {
            clearInterval(timer);
            video.pause();
        });
        video.addEventListener('error', () => {
            session.fail(new StreamError('unplayable', `video: ${video.error?.message}`));
        }, {signal});
        if ('requestVideoFrameCallback' in video) {
            this.#watch();
        }
    }

    /** The time in the stream that plays. */
    get position() {
        return this.#video.currentTime + this.shift;
    }

    /** Pictures up to this time in the stream can be played. */
    arrived(seconds) {
        this.#chase.arrived(seconds, now());
        this.#newest = seconds;
        this.#progressAt ??= now();
        this.#advance();
    }

    #tick() {
        this.#advance();
        if (!('requestVideoFrameCallback' in this.#video)) {
            this.#guess();
        }
    }

    #advance() {
        const video = this.#video;
        const {buffered} = video;
        if (this.#newest === undefined || buffered.length === 0) {
            return;
        }
        if (this.#newest - this.shift - buffered.end(buffered.length - 1) > MAX_BEHIND_SECONDS || this.#isStuck()) {
            this.#session.fail(new StreamError('network', 'the browser does not keep up'));
        } else if (video.seeking) {
            return; // It is on its way; the next tick looks again.
        } else if (this.#steps) {
            this.#step();
        } else if (video.paused) {
            this.#begin();
        } else {
            this.#steer(buffered.start(buffered.length - 1));
        }
    }

    /** Browsers were seen, on a machine that was far too busy, to go to a position for ever. */
    #isStuck() {
        const video = this.#video;
        const stands = video.seeking || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA
            || this.#newest - this.position > MAX_BEHIND_SECONDS;
        return stands && now() - this.#progressAt > MAX_BEHIND_SECONDS + LATE_PERIODS * this.#session.periodSeconds;
    }

    #step() {
        if (this.#newest !== this.#gone) {
            this.#gone = this.#newest;
            this.#goTo(this.#newest);
        }
    }

    /** With the newest picture there is: what came before it is only there so that it can be decoded. */
    #begin() {
        this.#goTo(this.#newest);
        this.#video.play().catch(error => {
            if (error.name === 'NotAllowedError') { // Some phones play nothing by themselves while they save power.
                this.#session.fail(new StreamError('unplayable', error.message));
            }
        });
    }

    /** @param {number} start of the last of what is buffered: before it is a gap, where the relay left a group out */
    #steer(start) {
        const video = this.#video;
        const decision = this.#chase.decide(this.position, now());
        if ('jump' in decision || video.currentTime < start) {
            this.#goTo(decision.jump ?? this.#chase.target(now()));
        } else if (video.playbackRate !== decision.rate) {
            video.playbackRate = decision.rate;
        }
    }

    /** Not before the last of what is buffered, and not behind the newest picture. */
    #goTo(seconds) {
        const {buffered} = this.#video;
        const start = buffered.start(buffered.length - 1);
        this.#video.currentTime = whole(Math.max(start, Math.min(seconds, this.#newest) - this.shift));
    }

    #watch() {
        const video = this.#video;
        const next = (_, frame) => {
            this.#tell(frame.mediaTime, frame.expectedDisplayTime / 1000);
            request = video.requestVideoFrameCallback(next);
        };
        let request = video.requestVideoFrameCallback(next);
        this.#session.signal.addEventListener('abort', () => video.cancelVideoFrameCallback(request));
    }

    /** Without word of each picture: the position is at most one picture ahead of what is shown. */
    #guess() {
        const position = this.#video.currentTime;
        if (position !== this.#lastPosition && this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
            this.#lastPosition = position;
            this.#tell(position, now());
        }
    }

    #tell(mediaTime, at) {
        this.#progressAt = now();
        const {videoWidth: width, videoHeight: height} = this.#video;
        this.#session.shown({seconds: mediaTime + this.shift, at, width, height});
    }
}
