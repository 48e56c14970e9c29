// What a person takes hold of to move a camera: the pad's buttons, keys, the wheel, and the picture itself.

import {aim, placeInPicture} from '/page/aim.js';
import {byRole, element} from '/page/dom.js';

/** What the buttons wish, by their `data-ptz`. */
const WISHES = {
    left: {pan: -1},
    right: {pan: 1},
    up: {tilt: 1},
    down: {tilt: -1},
    upLeft: {pan: -1, tilt: 1},
    upRight: {pan: 1, tilt: 1},
    downLeft: {pan: -1, tilt: -1},
    downRight: {pan: 1, tilt: -1},
    in: {zoom: 1},
    out: {zoom: -1}
};

const KEYS = {
    ArrowLeft: WISHES.left,
    ArrowRight: WISHES.right,
    ArrowUp: WISHES.up,
    ArrowDown: WISHES.down,
    '+': WISHES.in,
    '=': WISHES.in,
    '-': WISHES.out
};

/** Of the angle of view: a press that tells no end, such as that of a screen reader, turns by so much. */
const STEP = 0.25;

/** One notch of a wheel zooms for so long; at the highest speed the whole range takes 3 s (docs/simulator.md). */
const NOTCH_MS = 200;

export class Handles {
    /** Where the camera looks, as far as is known: without it nothing can be aimed. */
    position;
    #steering;
    #stage;
    #picture;
    #notch;
    #signal;

    /**
     * @param {import('/page/steering.js').Steering} steering is told what is wished
     * @param {HTMLElement} stage shows the picture
     * @param {() => {element: HTMLElement|undefined, aspect: number}} picture where it is now; its width by its height
     * @param {AbortSignal} signal ends it
     */
    constructor(steering, stage, picture, signal) {
        this.#steering = steering;
        this.#stage = stage;
        this.#picture = picture;
        this.#signal = signal;
        const pad = byRole('pad');
        for (const button of byRole('ptz').querySelectorAll('[data-ptz]')) {
            this.#listenToButton(button, button.dataset.ptz);
        }
        this.#listenToKeys([stage, pad]);
        this.#listen(stage, 'click', event => this.#click(event));
        this.#listen(stage, 'wheel', event => this.#wheel(event), {passive: false});
        signal.addEventListener('abort', () => clearTimeout(this.#notch));
    }

    #listen(target, type, listener, options) {
        target.addEventListener(type, listener, {...options, signal: this.#signal});
    }

    /** What is pressed turns the camera until it is let go of, wherever the pointer is then. */
    #listenToButton(button, name) {
        const press = () => name === 'stop' ? this.#steering.halt() : this.#steering.hold(name, WISHES[name]);
        const release = () => this.#steering.hold(name, {});
        const presses = event => event.key === 'Enter' || event.key === ' ';
        this.#listen(button, 'pointerdown', event => {
            if (event.button === 0) {
                button.setPointerCapture(event.pointerId);
                press();
            }
        });
        this.#listen(button, 'lostpointercapture', release);
        this.#listen(button, 'keydown', event => {
            if (presses(event)) {
                event.preventDefault();
                event.repeat || press();
            }
        });
        this.#listen(button, 'keyup', event => {
            if (presses(event)) {
                event.preventDefault(); // Of a click, which Firefox makes here.
                release();
            }
        });
        this.#listen(button, 'blur', release);
        this.#listen(button, 'contextmenu', event => event.preventDefault()); // Which is what a long touch brings.
        this.#listen(button, 'click', event => event.detail || this.#step(name)); // 0: no pointer, no key.
    }

    #step(name) {
        if (name === 'stop') {
            this.#steering.halt();
        } else if (this.position) {
            const turn = axis => (WISHES[name][axis] ?? 0) * this.position.zoom * STEP;
            this.#steering.order({moveBy: {pan: turn('pan'), tilt: turn('tilt'), zoom: -turn('zoom')}});
        }
    }

    /** Keys count while the picture or the pad has the focus, so that they do nothing by accident. */
    #listenToKeys(targets) {
        const held = new Set();
        const release = code => held.delete(code) && this.#steering.hold(code, {});
        for (const target of targets) {
            this.#listen(target, 'keydown', event => {
                if (event.key === 'Meta') {
                    held.forEach(release); // With it down, macOS tells of no key that is let go of.
                }
                if (event.key in KEYS && !event.ctrlKey && !event.altKey && !event.metaKey) {
                    event.preventDefault();
                    if (!event.repeat) {
                        held.add(event.code); // Which stays the same when shift is let go of before the +.
                        this.#steering.hold(event.code, KEYS[event.key]);
                    }
                }
            });
            this.#listen(target, 'keyup', event => release(event.code));
            this.#listen(target, 'focusout', () => held.forEach(release));
        }
    }

    /** Looks at what is clicked. */
    #click(event) {
        const {element: shown, aspect} = this.#picture();
        const box = shown?.getBoundingClientRect();
        const place = box && placeInPicture(event.clientX, event.clientY, box, aspect);
        if (place && this.position) {
            this.#mark(event);
            this.#steering.order({moveBy: aim(place.x, place.y, aspect, this.position)});
        }
    }

    /** Shows at once where the camera was told to look. */
    #mark(event) {
        const box = this.#stage.getBoundingClientRect();
        const mark = element('span', {class: 'mark', 'aria-hidden': 'true'});
        mark.style.left = `${event.clientX - box.left}px`;
        mark.style.top = `${event.clientY - box.top}px`;
        mark.addEventListener('animationend', () => mark.remove());
        this.#stage.append(mark);
    }

    /** Zooms; but a wheel that only passes over the picture scrolls the page. */
    #wheel(event) {
        if (event.deltaY && (event.ctrlKey || document.activeElement === this.#stage)) {
            event.preventDefault();
            this.#steering.hold('wheel', event.deltaY < 0 ? WISHES.in : WISHES.out);
            clearTimeout(this.#notch);
            this.#notch = setTimeout(() => this.#steering.hold('wheel', {}), NOTCH_MS);
        }
    }
}
