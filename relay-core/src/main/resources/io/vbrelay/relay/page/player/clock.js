// What a clock of the relay shows now, told from what it showed when it was asked.

// As many answers as half a minute has; the quickest of them is the most exact.
const KEPT = 30;

// The clocks of two machines drift apart by less than this in half a minute (100 ppm, 3 ms), and event loops are late at times.
const SLACK_SECONDS = 0.1;

/**
 * A clock of the relay, as this page sees it. An answer was written some time between question and answer: half way, give or
 * take half the round trip. The answer with the shortest round trip counts. When a newer one contradicts it, the relay's clock
 * was set, or the stream began anew, and what was known before is forgotten.
 *
 * Local times are performance.now in seconds; this machine's own idea of the date is never used.
 */
export class RelayClock {
    #samples = []; // {offset, error}, the newest last.

    /**
     * @param {number} relaySeconds what the clock showed
     * @param {number} sent when it was asked, local
     * @param {number} received when the answer came, local
     */
    sample(relaySeconds, sent, received) {
        const sample = {offset: relaySeconds - (sent + received) / 2, error: (received - sent) / 2};
        const best = this.#best();
        if (best && Math.abs(best.offset - sample.offset) > best.error + sample.error + SLACK_SECONDS) {
            this.#samples = [];
        }
        this.#samples.push(sample);
        if (this.#samples.length > KEPT) {
            this.#samples.shift();
        }
    }

    /** Forgets all. */
    reset() {
        this.#samples = [];
    }

    /**
     * @param {number} local
     * @returns {number | undefined} what the clock shows then; undefined before the first sample
     */
    at(local) {
        const best = this.#best();
        return best && local + best.offset;
    }

    #best() {
        return this.#samples.reduce((best, sample) => (!best || sample.error < best.error ? sample : best), undefined);
    }
}
