// A number with a line of how it was: up to five minutes, from zero to the most in them.

import {element, setText} from '/page/dom.js';
import {words} from '/page/words.js';

/** Five minutes at one every two seconds. */
const POINTS = 150;

/** So many fill the width at first, so that there is something to see soon. */
const FEWEST = 15;

const HEIGHT = 28;

const SVG = 'http://www.w3.org/2000/svg';

export class Plot {
    /** For the page to place: the number, and the line, which is nothing to read aloud. */
    element;
    #number = element('span', {class: 'number'});
    #picture = document.createElementNS(SVG, 'svg');
    #area = document.createElementNS(SVG, 'path');
    #line = document.createElementNS(SVG, 'path');
    #values = [];
    #digits;
    #least;

    /**
     * @param {number} digits behind the point
     * @param {number} least value that the full height stands for, so that noise near zero does not look like much
     */
    constructor(digits, least) {
        this.#digits = digits;
        this.#least = least;
        this.#picture.setAttribute('preserveAspectRatio', 'none');
        this.#picture.setAttribute('aria-hidden', 'true');
        this.#area.setAttribute('class', 'area');
        this.#line.setAttribute('class', 'line');
        this.#picture.append(this.#area, this.#line);
        this.element = element('span', {class: 'plot'}, this.#number, this.#picture);
    }

    /** @param {number|undefined} value undefined leaves a gap */
    add(value) {
        const known = Number.isFinite(value);
        this.#values.push(known ? value : undefined);
        if (this.#values.length > POINTS) {
            this.#values.shift();
        }
        setText(this.#number, known ? value.toFixed(this.#digits) : words.none);
        this.#draw();
    }

    #draw() {
        const most = Math.max(this.#least, ...this.#values.filter(value => value !== undefined));
        let line = '';
        let area = '';
        let run = [];
        const endRun = () => {
            if (run.length) {
                const points = run.map(([x, y]) => `${x},${y.toFixed(1)}`).join('L');
                line += `M${points}`;
                area += `M${run[0][0]},${HEIGHT}L${points}L${run.at(-1)[0]},${HEIGHT}Z`;
                run = [];
            }
        };
        this.#values.forEach((value, i) => {
            if (value === undefined) {
                endRun();
            } else {
                run.push([i, HEIGHT - 1 - value / most * (HEIGHT - 2)]);
            }
        });
        endRun();
        this.#picture.setAttribute('viewBox', `0 0 ${Math.max(this.#values.length, FEWEST) - 1} ${HEIGHT}`);
        this.#line.setAttribute('d', line);
        this.#area.setAttribute('d', area);
    }
}
