// The panel that moves a camera: where it looks, who has control, what became of commands, and the presets.

import {byRole, element, setText} from '/page/dom.js';
import {Handles} from '/page/handles.js';
import {Range} from '/page/range.js';
import {Steering} from '/page/steering.js';
import {answer, forgetPreset, goToPreset, holder, holderAloud, position, presetKept, words} from '/page/words.js';

export class Control {
    #steering;
    #handles;
    #map;
    #picture;
    #announce;
    #position;
    #range;
    #presets = '';
    #aloud;
    #end = new AbortController();

    /**
     * @param {string} camera its name
     * @param {boolean} allowed whether this client may move it; else it is only told where the camera looks
     * @param {HTMLElement} stage shows the picture
     * @param {() => {element: HTMLElement|undefined, aspect: number}} picture where it is now; its width by its height
     * @param {(text: string) => void} announce reads it aloud
     */
    constructor(camera, allowed, stage, picture, announce) {
        const {signal} = this.#end;
        this.#picture = picture;
        this.#announce = announce;
        this.#steering = new Steering(camera);
        this.#steering.addEventListener('status', event => this.#show(event.detail), {signal});
        this.#map = new Range(byRole('range'), target => allowed && this.#steering.order({move: target}), signal);
        byRole('range').classList.toggle('steered', allowed);
        if (allowed) {
            this.#handles = new Handles(this.#steering, stage, picture, signal);
            this.#steering.addEventListener('answer', event => this.#answered(event.detail), {signal});
            byRole('leave').addEventListener('click', () => this.#steering.order({leave: true}), {signal});
            // Any command asks for control; this one does nothing else.
            byRole('wait').addEventListener('click', () => this.#steering.halt(), {signal});
            byRole('savePreset').addEventListener('submit', event => this.#savePreset(event), {signal});
            byRole('presets').addEventListener('click', event => this.#usePreset(event), {signal});
        }
    }

    /** Stops what turns. */
    close() {
        this.#end.abort();
        this.#steering.close();
    }

    #savePreset(event) {
        event.preventDefault();
        this.#steering.order({savePreset: byRole('presetName').value.trim()});
    }

    #usePreset(event) {
        const {preset, forget} = event.target.closest('button')?.dataset ?? {};
        if (preset !== undefined) {
            this.#steering.order({preset});
        } else if (forget !== undefined) {
            this.#steering.order({forgetPreset: forget});
        }
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

    #showPosition(now = this.#position) {
        this.#position = now;
        setText(byRole('position'), now ? position(now) : words.none);
        byRole('range').toggleAttribute('hidden', !now || !this.#range);
        if (now && this.#range) {
            this.#map.show(this.#range, now, this.#picture().aspect);
        }
        if (this.#handles) {
            this.#handles.position = now;
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
        const presets = byRole('presets');
        const {preset, forget} = presets.contains(document.activeElement) ? document.activeElement.dataset : {};
        byRole('noPresets').hidden = names.length > 0;
        presets.replaceChildren(...names.map(name => element('li', {},
            element('button', {type: 'button', 'data-preset': name, 'aria-label': goToPreset(name)}, name),
            element('button', {
                type: 'button',
                class: 'forget',
                'data-forget': name,
                'aria-label': forgetPreset(name)
            }))));
        if (preset ?? forget) { // Whoever goes by keys must not begin at the top of the page again.
            const same = [...presets.querySelectorAll('button')]
                .find(({dataset}) => dataset.preset === preset && dataset.forget === forget);
            (same ?? byRole('presetName')).focus();
        }
    }

    #answered(told) {
        const trouble = answer(told);
        if (trouble || !told.command.stop) {
            setText(byRole('trouble'), trouble); // A stop that is obeyed does not make good what was refused before it.
        }
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
