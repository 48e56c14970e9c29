// For scripts that test modules by themselves: what they expect, and a list of what failed.
globalThis.cases = () => {
    const failures = [];
    const check = (holds, what) => {
        if (!holds) {
            throw new Error(what);
        }
    };
    return {
        failures,
        check,

        /** Runs one case; whatever it throws is a failure under its name. */
        async test(name, body) {
            try {
                await body();
            } catch (error) {
                failures.push(`${name}: ${error.stack}`);
            }
        },

        equal(actual, expected, what) {
            const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
            check(is === should, `${what}: expected ${should}, got ${is}`);
        }
    };
};
