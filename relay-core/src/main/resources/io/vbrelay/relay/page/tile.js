// One camera among many: its name, its state in words, its newest picture, and its live picture while somebody looks closer.

import {byRole, element, setText} from '/page/dom.js';
import {Player} from '/page/player/player.js';
import {cameraState, livePictureOf, pictureOf, playing, viewers} from '/page/words.js';

/** A glance over many tiles is no wish to see each of them live: an encoder would start for every one. */
const PAUSE_BEFORE_LIVE_MS = 300;

export class Tile {
    /** For the page to place. */
    element;
    snapshot;
    #name;
    #image;
    #stage;
    #inView = false;
    #camera;
    #player;
    #timer;
    #shown; // Address of the blob that the image shows.

    /**
     * @param {string} name the camera's
     * @param {(tile: Tile) => void} onLive told when this one goes live, so that another may end
     */
    constructor(name, onLive) {
        this.#name = name;
        this.#image = element('img', {alt: pictureOf(name), draggable: 'false'});
        this.#image.hidden = true;
        this.#stage = element('div', {class: 'stage', 'data-role': 'stage'});
        this.element = element('article', {class: 'tile', 'data-camera': name},
            element('div', {class: 'view'}, this.#image, this.#stage),
            element('h2', {}, element('a', {href: `/cameras/${encodeURIComponent(name)}`}, name)),
            element('p', {class: 'state', 'data-role': 'state'}),
            element('p', {class: 'count', 'data-role': 'viewers'}));
        this.#listen(onLive);
    }

    #listen(onLive) {
        const soon = () => {
            clearTimeout(this.#timer);
            this.#timer = setTimeout(() => this.#goLive(onLive), PAUSE_BEFORE_LIVE_MS);
        };
        let byTouch = false;
        this.element.addEventListener('pointerenter', event => event.pointerType === 'touch' || soon());
        this.element.addEventListener('pointerleave', event => event.pointerType === 'touch' || this.rest());
        this.element.addEventListener('focusin', () => byTouch || soon());
        this.element.addEventListener('focusout', () => this.rest());
        this.element.addEventListener('pointerdown', event => {
            byTouch = event.pointerType === 'touch';
        });
        this.element.addEventListener('click', event => {
            // A finger can't hover: its first tap looks closer, the second follows the link.
            if (byTouch && !this.#player) {
                event.preventDefault();
                this.#goLive(onLive);
            }
            byTouch = false;
        });
    }

    /** @param {Object} camera its newest status, as the API tells it */
    update(camera) {
        this.#camera = camera;
        this.snapshot = camera.snapshot;
        this.element.dataset.state = camera.state;
        setText(byRole('viewers', this.element), viewers(camera.viewers));
        if (!this.#player) {
            this.#say(cameraState(camera));
        }
    }

    /** @param {boolean} inView whether the tile can be seen */
    set inView(inView) {
        this.#inView = inView;
        if (!inView) {
            this.rest();
        }
    }

    /**
     * A camera that has sent nothing yet has no picture to ask for. One on demand is not woken for a tile, nor kept awake: it is
     * asked only while somebody watches.
     */
    get wantsSnapshot() {
        const camera = this.#camera;
        return this.#inView && !this.#player && camera?.frameTime !== undefined
            && (!camera.onDemand || (camera.state === 'streaming' && camera.viewers > 0));
    }

    /** @param {Blob} picture */
    showSnapshot(picture) {
        const before = this.#shown;
        this.#shown = URL.createObjectURL(picture);
        this.#image.src = this.#shown;
        this.#image.hidden = false;
        if (before) {
            URL.revokeObjectURL(before);
        }
    }

    /** Back to pictures now and then. */
    rest() {
        clearTimeout(this.#timer);
        this.#player?.close();
        this.#player = undefined;
        this.#stage.replaceChildren();
        delete this.element.dataset.playing;
        if (this.#camera) {
            this.#say(cameraState(this.#camera));
        }
    }

    close() {
        this.rest();
        if (this.#shown) {
            URL.revokeObjectURL(this.#shown);
        }
        this.element.remove();
    }

    #goLive(onLive) {
        clearTimeout(this.#timer);
        if (this.#player) {
            return;
        }
        onLive(this);
        const player = new Player(this.#stage, this.#name);
        this.#player = player;
        this.#stage.player = player;
        player.addEventListener('state', ({detail}) => {
            if (this.#player === player) {
                this.element.dataset.playing = detail.name;
                this.#say(playing(detail));
                player.element?.setAttribute('aria-label', livePictureOf(this.#name));
            }
        });
        player.start();
    }

    #say(text) {
        setText(byRole('state', this.element), text);
    }
}
