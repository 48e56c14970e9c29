// The panel that moves a camera: pad, keys, wheel and clicks become wishes, and what the relay tells becomes words.

import {aim, placeInPicture} from '/page/aim.js';
import {byRole, element, setText} from '/page/dom.js';
import {Range} from '/page/range.js';
import {Steering} from '/page/steering.js';
import {answer, forgetPreset, goToPreset, holder, holderAloud, position, presetKept, words} from '/page/words.js';

/** What the buttons wish, by their `data-ptz`. */
const WISHES = {
    left: {pan: -1}, right: {pan: 1}, up: {tilt: 1}, down: {tilt: -1},
    upLeft: {pan: -1, tilt: 1}, upRight: {pan: 1, tilt: 1}, downLeft: {pan: -1, tilt: -1}, downRight: {pan: 1, tilt: -1},
    in: {zoom: 1}, out: {zoom: -1}
};

const KEYS = {
    ArrowLeft: WISHES.left, ArrowRight: WISHES.right, ArrowUp: WISHES.up, ArrowDown: WISHES.down,
    '+': WISHES.in, '=': WISHES.in, '-': WISHES.out
};

/** Of the angle of view: a press that tells no end, such as that of a screen reader, turns by so much. */
const STEP = 0.25;

/** One notch of a wheel zooms for so long; at the highest speed the whole range takes 3 s (docs/simulator.md). */
const NOTCH_MS = 200;

export class Control {
    #steering;
    #panel = byRole('ptz');
    #stage;
    #picture;
    #announce;
    #position;
    #range;
    #map;
    #presets = '';
    #aloud;
    #notch;
    #end = new AbortController();

    /**
     * @param {string} camera its name
     * @param {boolean} allowed whether this client may move it; else it is only told where the camera looks
     * @param {HTMLElement} stage shows the picture
     * @param {() => {element: HTMLElement|undefined, aspect: number}} picture where it is now, and its width by its height
     * @param {(text: string) => void} announce reads it aloud
     */
    constructor(camera, allowed, stage, picture, announce) {
        this.#stage = stage;
        this.#picture = picture;
        this.#announce = announce;
        this.#steering = new Steering(camera);
        const lookAt = target => allowed && this.#steering.order({move: target});
        byRole('range').classList.toggle('steered', allowed);
        this.#map = new Range(byRole('range'), lookAt, this.#end.signal);
        this.#listen('status', event => this.#show(event.detail), this.#steering);
        if (!allowed) {
            return;
        }
        this.#listen('answer', event => this.#answered(event.detail), this.#steering);
        this.#listenToPad();
        this.#listenToKeys();
        this.#listenToPicture();
        this.#listenToPresets();
        this.#listen('click', () => this.#steering.order({leave: true}), byRole('leave'));
        this.#listen('click', () => this.#steering.halt(), byRole('wait')); // The least of commands asks for control.
    }

    close() {
        clearTimeout(this.#notch);
        this.#end.abort();
        this.#steering.close();
    }

    #listen(type, listener, target, options = {}) {
        target.addEventListener(type, listener, {...options, signal: this.#end.signal});
    }

    /** What is pressed turns the camera until it is let go of, wherever the pointer is then. */
    #listenToPad() {
        for (const button of this.#panel.querySelectorAll('[data-ptz]')) {
            const name = button.dataset.ptz;
            const press = () => name === 'stop' ? this.#steering.halt() : this.#steering.hold(name, WISHES[name]);
            const release = () => this.#steering.hold(name, {});
            const presses = event => event.key === 'Enter' || event.key === ' ';
            this.#listen('pointerdown', event => {
                if (event.button === 0) {
                    button.setPointerCapture(event.pointerId);
                    press();
                }
            }, button);
            this.#listen('lostpointercapture', release, button);
            this.#listen('keydown', event => {
                if (presses(event)) {
                    event.preventDefault();
                    event.repeat || press();
                }
            }, button);
            this.#listen('keyup', event => {
                if (presses(event)) {
                    event.preventDefault(); // Of a click, which Firefox makes here.
                    release();
                }
            }, button);
            this.#listen('blur', release, button);
            this.#listen('contextmenu', event => event.preventDefault(), button); // Which is what a long touch brings.
            this.#listen('click', event => event.detail || this.#step(name), button); // 0: neither pointer nor key pressed it.
        }
    }

    #step(name) {
        if (name === 'stop') {
            this.#steering.halt();
        } else if (this.#position) {
            const turn = axis => (WISHES[name][axis] ?? 0) * this.#position.zoom * STEP;
            this.#steering.order({moveBy: {pan: turn('pan'), tilt: turn('tilt'), zoom: -turn('zoom')}});
        }
    }

    /** Keys count while the picture or the pad has the focus, so that they do nothing by accident. */
    #listenToKeys() {
        const held = new Set();
        const release = code => held.delete(code) && this.#steering.hold(code, {});
        for (const target of [this.#stage, byRole('pad', this.#panel)]) {
            this.#listen('keydown', event => {
                if (event.key in KEYS && !event.ctrlKey && !event.altKey && !event.metaKey) {
                    event.preventDefault();
                    if (!event.repeat) {
                        held.add(event.code); // Which stays the same when shift is let go of before the +.
                        this.#steering.hold(event.code, KEYS[event.key]);
                    }
                }
            }, target);
            this.#listen('keyup', event => release(event.code), target);
            this.#listen('focusout', () => held.forEach(release), target);
        }
    }

    #listenToPicture() {
        this.#listen('click', event => {
            const {element: shown, aspect} = this.#picture();
            const place = shown && placeInPicture(event.clientX, event.clientY, shown.getBoundingClientRect(), aspect);
            if (place && this.#position) {
                this.#mark(event);
                this.#steering.order({moveBy: aim(place.x, place.y, aspect, this.#position)});
            }
        }, this.#stage);
        this.#listen('wheel', event => {
            // A wheel that passes over the picture scrolls the page.
            if (event.deltaY && (event.ctrlKey || document.activeElement === this.#stage)) {
                event.preventDefault();
                this.#steering.hold('wheel', event.deltaY < 0 ? WISHES.in : WISHES.out);
                clearTimeout(this.#notch);
                this.#notch = setTimeout(() => this.#steering.hold('wheel', {}), NOTCH_MS);
            }
        }, this.#stage, {passive: false});
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

    #listenToPresets() {
        this.#listen('submit', event => {
            event.preventDefault();
            this.#steering.order({savePreset: byRole('presetName').value.trim()});
        }, byRole('savePreset'));
        this.#listen('click', event => {
            const {preset, forget} = event.target.closest('button')?.dataset ?? {};
            if (preset !== undefined) {
                this.#steering.order({preset});
            } else if (forget !== undefined) {
                this.#steering.order({forgetPreset: forget});
            }
        }, byRole('presets'));
    }

    #show(status) {
        this.#range = status.range ?? this.#range;
        this.#showPosition(status.position);
        this.#showHolder(status.control);
        const presets = JSON.stringify(status.presets);
        if (presets !== this.#presets) {
            this.#presets = presets;
            this.#showPresets(status.presets);
        }
    }

    #showPosition(now) {
        if (!this.#position && !now) {
            setText(byRole('position'), words.none);
        }
        if (now) {
            this.#position = now;
            setText(byRole('position'), position(now));
            byRole('range').toggleAttribute('hidden', !this.#range);
            if (this.#range) {
                this.#map.show(this.#range, now, this.#picture().aspect);
            }
        }
    }

    #showHolder(control) {
        setText(byRole('holder'), holder(control));
        const aloud = holderAloud(control);
        if (this.#aloud !== undefined && this.#aloud !== aloud) {
            this.#announce(aloud);
        }
        this.#aloud = aloud;
        const mine = control.holder === 'you';
        byRole('leave').hidden = !mine && !control.place;
        setText(byRole('leave'), mine ? words.leave : words.unqueue);
        byRole('wait').hidden = mine || control.holder === 'nobody' || Boolean(control.place);
    }

    #showPresets(names) {
        byRole('noPresets').hidden = names.length > 0;
        byRole('presets').replaceChildren(...names.map(name => element('li', {},
            element('button', {type: 'button', 'data-preset': name, 'aria-label': goToPreset(name)}, name),
            element('button', {type: 'button', 'data-forget': name, 'aria-label': forgetPreset(name), class: 'forget'}))));
    }

    #answered(told) {
        setText(byRole('trouble'), answer(told));
        if (told.control) {
            this.#showHolder(told.control);
        }
        this.#showPosition(told.position);
        if (told.outcome === 'done' && told.command.savePreset) {
            byRole('presetName').value = '';
            this.#announce(presetKept(told.command.savePreset));
        }
    }
}
