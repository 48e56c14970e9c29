// Keeps a <video> close to the newest picture of what is put into its buffer, and tells which picture is on the screen.

import {Chase} from './chase.js';
import {StreamError} from './stream.js';

// Many times in the two seconds in which the chase makes up for what is late.
const TICK_MS = 100;

// More than this between what came and what the browser took in, and it will never get there.
const MAX_BEHIND_SECONDS = 5;

const now = () => performance.now() / 1000;

/** A video that plays live until its session ends; then it stands still with its last picture. */
export class LiveVideo {
    /** The time in the stream where the video's own begins. */
    shift = 0;

    #video;
    #session;
    #chase = new Chase();
    #newest; // Time in the stream.
    #lastPosition;

    /**
     * @param {HTMLVideoElement} video
     * @param {import('./stream.js').Session} session
     */
    constructor(video, session) {
        this.#video = video;
        this.#session = session;
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
        if (this.#video.buffered.length > 0 && this.#video.paused) {
            this.#begin();
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

    #goTo(seconds) {
        const {buffered} = this.#video;
        const start = buffered.start(buffered.length - 1);
        this.#video.currentTime = Math.max(start, Math.min(seconds, this.#newest) - this.shift);
    }

    #tick() {
        const video = this.#video;
        if (video.buffered.length === 0 || video.paused || video.seeking) {
            return;
        }
        const {buffered} = video;
        if (this.#newest - this.shift - buffered.end(buffered.length - 1) > MAX_BEHIND_SECONDS) {
            this.#session.fail(new StreamError('network', 'the browser does not keep up'));
            return;
        }
        const decision = this.#chase.decide(this.position, now());
        if ('jump' in decision || video.currentTime < buffered.start(buffered.length - 1)) {
            this.#goTo(decision.jump ?? this.#chase.target(now())); // The relay left a group out, and so there is a gap.
        } else if (video.playbackRate !== decision.rate) {
            video.playbackRate = decision.rate;
        }
        if (!('requestVideoFrameCallback' in video)) {
            this.#guess();
        }
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
        const {videoWidth: width, videoHeight: height} = this.#video;
        this.#session.shown({seconds: mediaTime + this.shift, at, width, height});
    }
}
