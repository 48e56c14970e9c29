// Does something again and again, while the page can be seen.

/**
 * Begins at once, and again so long after each end. Not while the page is hidden, but at once when it is seen again.
 *
 * @param {() => Promise<void>} work handles what goes wrong itself
 * @param {number} periodMs
 * @param {AbortSignal} signal ends it
 */
export function repeat(work, periodMs, signal) {
    let timer;
    let underWay = false;
    async function turn() {
        clearTimeout(timer);
        if (underWay || document.hidden || signal.aborted) {
            return;
        }
        underWay = true;
        try {
            await work();
        } finally {
            underWay = false;
            if (!signal.aborted) {
                timer = setTimeout(turn, periodMs);
            }
        }
    }
    document.addEventListener('visibilitychange', turn, {signal});
    signal.addEventListener('abort', () => clearTimeout(timer));
    turn();
}
