// Reads numbers from Prometheus' text format, and what became of them between two readings.

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

export class Metrics {
    /** @type {Map<string, {labels: Object<string, string>, value: number}[]>} */
    #samples = new Map();
    #before;
    #atMs;

    /**
     * @param {string} text as `/metrics` gives it
     * @param {number} atMs when that was, by the page's clock
     * @param {Metrics} [before] the reading before, for rates
     */
    constructor(text, atMs, before) {
        this.#atMs = atMs;
        this.#before = before;
        if (before) {
            before.#before = undefined; // Or all that ever was would be kept.
        }
        for (const line of text.split('\n')) {
            const sample = SAMPLE.exec(line);
            if (sample) {
                const labels = Object.fromEntries([...(sample[2] ?? '').matchAll(LABEL)].map(([, name, value]) =>
                    [name, value.replace(/\\(.)/g, (escape, char) => char === 'n' ? '\n' : char)]));
                const samples = this.#samples.get(sample[1]) ?? [];
                samples.push({labels, value: Number(sample[3])});
                this.#samples.set(sample[1], samples);
            }
        }
    }

    /**
     * The sum of a metric over all rows with these labels.
     *
     * @param {string} name
     * @param {Object<string, string>} [labels]
     * @returns {number|undefined} undefined when there is no such row
     */
    sum(name, labels = {}) {
        const rows = (this.#samples.get(name) ?? []).filter(row =>
            Object.entries(labels).every(([label, value]) => row.labels[label] === value));
        return rows.length ? rows.reduce((sum, {value}) => sum + value, 0) : undefined;
    }

    /** By how much a counter has grown since the reading before; undefined when that is not known, as after a restart. */
    growth(name, labels) {
        const grown = this.sum(name, labels) - this.#before?.sum(name, labels);
        return grown >= 0 ? grown : undefined;
    }

    /** Of a counter, a second. */
    rate(name, labels) {
        const grown = this.growth(name, labels);
        return grown === undefined ? undefined : grown * 1000 / (this.#atMs - this.#before.#atMs);
    }

    /** Of what a summary or histogram has counted since the reading before; undefined when that is nothing. */
    mean(name, labels) {
        const times = this.growth(`${name}_count`, labels);
        return times ? this.growth(`${name}_sum`, labels) / times : undefined;
    }
}
