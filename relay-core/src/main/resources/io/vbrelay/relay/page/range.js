// A small map of everything the camera can look at, with the part that it looks at now; a click in it looks there.

const SVG = 'http://www.w3.org/2000/svg';

/** Pixels of the map's width, which its lines are drawn for. */
const WIDTH = 264;

export class Range {
    #map;
    #view = document.createElementNS(SVG, 'rect');
    #range;

    /**
     * @param {SVGSVGElement} map is filled
     * @param {(target: {pan: number, tilt: number}) => void} onChosen told in degrees where to look
     * @param {AbortSignal} signal ends it
     */
    constructor(map, onChosen, signal) {
        this.#map = map;
        map.replaceChildren(this.#view);
        map.addEventListener('click', event => {
            const box = map.getBoundingClientRect();
            const {panMin, panMax, tiltMin, tiltMax} = this.#range;
            onChosen({
                pan: panMin + (panMax - panMin) * (event.clientX - box.left) / box.width,
                tilt: tiltMax - (tiltMax - tiltMin) * (event.clientY - box.top) / box.height
            });
        }, {signal});
    }

    /**
     * @param {{panMin: number, panMax: number, tiltMin: number, tiltMax: number}} range degrees
     * @param {{pan: number, tilt: number, zoom: number}} position degrees
     * @param {number} aspect the picture's width by its height
     */
    show(range, {pan, tilt, zoom}, aspect) {
        this.#range = range;
        const scale = WIDTH / (range.panMax - range.panMin);
        const height = (range.tiltMax - range.tiltMin) * scale;
        const size = {width: Math.max(6, zoom * scale), height: Math.max(6, zoom * scale / aspect)};
        this.#map.setAttribute('viewBox', `0 0 ${WIDTH} ${height}`);
        const view = {
            x: (pan - range.panMin) * scale - size.width / 2,
            y: (range.tiltMax - tilt) * scale - size.height / 2,
            ...size
        };
        for (const [name, value] of Object.entries(view)) {
            this.#view.setAttribute(name, value.toFixed(1));
        }
    }
}
