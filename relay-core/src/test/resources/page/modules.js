// Tests what in the page can be tested by itself, in a page of a relay's origin. Its value: a promise of what failed.
(async () => {
    const {aim, placeInPicture} = await import('/page/aim.js');
    const {programs, embedding} = await import('/page/addresses.js');
    const {Metrics} = await import('/page/metrics.js');
    const {Snapshots} = await import('/page/snapshots.js');
    const {Steering} = await import('/page/steering.js');
    const words = await import('/page/words.js');

    const {failures, test, check, equal} = cases();
    const near = (actual, expected, what) =>
        check(Math.abs(actual - expected) < 0.01, `${what}: expected ${expected}, got ${actual}`);

    /** Takes the place of fetch: requests wait here until they are answered. */
    class Wire {
        requests = [];
        #waiting = [];
        #fetch = window.fetch;

        constructor() {
            window.fetch = (url, options = {}) => new Promise((resolve, reject) => {
                const request = {
                    url,
                    method: options.method ?? 'GET',
                    headers: options.headers ?? {},
                    body: options.body && JSON.parse(options.body),
                    answer: (status, body, headers) =>
                        resolve(new Response(body && JSON.stringify(body), {status, headers})),
                    fail: () => reject(new TypeError('Failed to fetch'))
                };
                options.signal?.addEventListener('abort', () => reject(options.signal.reason));
                this.requests.push(request);
                this.#waiting.splice(0).forEach(wake => wake());
            });
        }

        close() {
            window.fetch = this.#fetch;
        }

        /** The next request that fits, as soon as it is made. */
        async next(fits = () => true) {
            for (;;) {
                const index = this.requests.findIndex(fits);
                if (index >= 0) {
                    return this.requests.splice(index, 1)[0];
                }
                await new Promise((resolve, reject) => {
                    this.#waiting.push(resolve);
                    setTimeout(() => reject(new Error('no such request')), 20_000);
                });
            }
        }

        /** The next command, with what it is. */
        command() {
            return this.next(({method}) => method === 'POST');
        }
    }

    /** Lets everything happen that is due. */
    const settle = () => new Promise(resolve => setTimeout(resolve, 0));

    /** Answers a command, and waits until the answer is taken to heart. */
    const tell = async (steering, command, status = 200, body = {outcome: 'done'}) => {
        const heard = new Promise(resolve => steering.addEventListener('answer', resolve, {once: true}));
        command.answer(status, body);
        await heard;
        await settle();
    };

    const steered = (name, body) => test(name, async () => {
        const wire = new Wire();
        const steering = new Steering('cam');
        try {
            await body(steering, wire);
        } finally {
            steering.close();
            wire.close();
        }
    });

    await test('what is in the middle stays there', () => {
        const {pan, tilt} = aim(0, 0, 4 / 3, {tilt: -30, zoom: 40});
        near(pan, 0, 'pan');
        near(tilt, 0, 'tilt');
    });

    await test('an edge of the picture is half the angle of view away', () => {
        near(aim(1, 0, 4 / 3, {tilt: 0, zoom: 48.6}).pan, 24.3, 'right edge');
        near(aim(-1, 0, 4 / 3, {tilt: 0, zoom: 48.6}).pan, -24.3, 'left edge');
        near(aim(0, 1, 1, {tilt: 0, zoom: 48.6}).tilt, 24.3, 'upper edge of a square');
        near(aim(0, -1, 4 / 3, {tilt: 0, zoom: 90}).tilt, -36.87, 'lower edge'); // An angle of the triangle 3:4:5.
    });

    await test('a camera that looks down turns further for what is beside its middle', () => {
        const expected = Math.atan(Math.tan(Math.PI / 9) / Math.cos(Math.PI / 3)) * 180 / Math.PI;
        near(aim(1, 0, 4 / 3, {tilt: -60, zoom: 40}).pan, expected, 'pan');
        near(aim(1, 0, 4 / 3, {tilt: -90, zoom: 40}).pan, 90, 'pan straight down');
    });

    await test('a click counts where the picture is, not where its element is', () => {
        const box = {left: 100, top: 50, width: 400, height: 100};
        equal(placeInPicture(300, 100, box, 1), {x: 0, y: 0}, 'middle');
        equal(placeInPicture(350, 50, box, 1), {x: 1, y: 1}, 'corner');
        equal(placeInPicture(110, 100, box, 1), undefined, 'black bar');
    });

    await test('metrics are read, whatever their labels hold', () => {
        const metrics = new Metrics(
            '# HELP a text\na{x="1",y="say \\"hi\\", \\\\ and\\n}"} 2.5\na{x="2"} 1\nb NaN\nc 1e3\n\nnonsense', 0);
        equal(metrics.sum('a'), 3.5, 'sum');
        equal(metrics.sum('a', {x: '1'}), 2.5, 'one row');
        equal(metrics.sum('a', {y: 'say "hi", \\ and\n}'}), 2.5, 'escapes');
        equal(metrics.sum('a', {x: '3'}), undefined, 'no such row');
        check(Number.isNaN(metrics.sum('b')), 'NaN');
        equal(metrics.sum('c'), 1000, 'exponent');
    });

    await test('rates are those since the reading before', () => {
        const first = new Metrics('n 10\nt_count 4\nt_sum 1', 0);
        const second = new Metrics('n 30\nt_count 6\nt_sum 2', 4000, first);
        equal(second.rate('n'), 5, 'rate');
        equal(second.mean('t'), 0.5, 'mean');
        equal(first.rate('n'), undefined, 'before there are two');
        const restarted = new Metrics('n 1\nt_count 6\nt_sum 2', 6000, second);
        equal(restarted.rate('n'), undefined, 'after a restart');
        equal(restarted.mean('t'), undefined, 'of nothing');
    });

    await test('a state has the words that a person expects', () => {
        const noon = new Date();
        noon.setHours(12, 3, 0, 0);
        equal(words.playing({name: 'live', lagSeconds: 0.31}), 'live, 0.3 s behind', 'live');
        equal(words.playing({name: 'live'}), 'live', 'lag unknown');
        equal(words.playing({name: 'away', awaySince: noon}), 'camera away since 12:03', 'away');
        equal(words.playing({name: 'away'}), 'no picture yet', 'never seen');
        equal(words.playing({name: 'reconnecting', retrySeconds: 3.2, reason: 'network'}),
            'reconnecting in 4 s', 'reconnecting');
        equal(words.playing({name: 'reconnecting', retrySeconds: 5, reason: 'full'}),
            'too many viewers; trying again in 5 s', 'full');
        equal(words.playingAloud({name: 'live', lagSeconds: 0.31}), 'live', 'aloud');
    });

    await test('a profile’s address is quoted for a shell, and only what there is is offered', () => {
        const camera = {
            name: 'cam',
            size: '640x480',
            streams: [
                {profile: 'default', format: 'mp4', url: '/live/cam.mp4'},
                {profile: 'low', format: 'mp4', url: '/live/cam.mp4?profile=low'}
            ]
        };
        equal(programs(camera, 'low').map(({text}) => text.replaceAll(location.origin, '')), [
            'vlc --network-caching=300 "/live/cam.mp4?profile=low"',
            'ffplay -fflags nobuffer "/live/cam.mp4?profile=low"',
            'ffmpeg -i "/live/cam.mp4?profile=low" -c copy cam.mkv'
        ], 'programs');
        const tag = `<iframe src="${location.origin}/embed/cam" width="640" height="480"`;
        check(embedding(camera)[0].text.startsWith(tag), 'tag');
    });

    await steered('what is pressed turns at once and stops when it is let go of', async (steering, wire) => {
        steering.hold('left', {pan: -1});
        const jog = await wire.command();
        equal(jog.body, {jog: {direction: 'left'}}, 'pressed');
        await tell(steering, jog);
        steering.hold('left', {});
        const stop = await wire.command();
        equal(stop.body, {stop: true}, 'let go');
        equal(stop.headers['X-Operator'], jog.headers['X-Operator'], 'operator');
        await tell(steering, stop);
    });

    await steered('a tap shorter than the way to the relay is stopped again', async (steering, wire) => {
        steering.hold('left', {pan: -1});
        const jog = await wire.command();
        steering.hold('left', {});
        const stop = await wire.command();
        await tell(steering, stop);
        await tell(steering, jog);
        const again = await wire.command();
        equal(again.body, {stop: true}, 'second stop');
        await tell(steering, again);
    });

    await steered('an axis that is let go of is stopped, and the other goes on', async (steering, wire) => {
        steering.hold('left', {pan: -1});
        await tell(steering, await wire.command());
        steering.hold('in', {zoom: 1});
        const both = await wire.command();
        equal(both.body, {jog: {direction: 'left', zoom: 'in'}}, 'both');
        await tell(steering, both);
        steering.hold('left', {});
        await tell(steering, await wire.command());
        const rest = await wire.command();
        equal(rest.body, {jog: {zoom: 'in'}}, 'rest');
        await tell(steering, rest);
    });

    await steered('a newer move stops one that goes on, and only the newest waits', async (steering, wire) => {
        steering.order({moveBy: {pan: 1}});
        const first = await wire.command();
        steering.order({moveBy: {pan: 2}});
        steering.order({moveBy: {pan: 3}});
        const stop = await wire.command();
        equal(stop.body, {stop: true}, 'stop');
        await tell(steering, first);
        equal(wire.requests.filter(({method}) => method === 'POST').length, 0, 'sent before the stop is answered');
        await tell(steering, stop);
        const newest = await wire.command();
        equal(newest.body, {moveBy: {pan: 3}}, 'newest');
        await tell(steering, newest);
    });

    await steered('a button ends a move that goes on', async (steering, wire) => {
        steering.order({preset: 'gate'});
        const preset = await wire.command();
        steering.hold('up', {tilt: 1});
        const stop = await wire.command();
        equal(stop.body, {stop: true}, 'stop');
        await tell(steering, stop);
        await tell(steering, preset);
        const jog = await wire.command();
        equal(jog.body, {jog: {direction: 'up'}}, 'jog');
        await tell(steering, jog);
    });

    await steered('who has to wait for control turns nothing, and stops nothing', async (steering, wire) => {
        steering.hold('left', {pan: -1});
        await tell(steering, await wire.command(), 423, {outcome: 'waiting', control: {holder: 'another', place: 1}});
        steering.hold('left', {});
        await settle();
        equal(wire.requests.filter(({method}) => method === 'POST').map(({body}) => body), [], 'commands');
    });

    await steered('a stop that does not arrive is sent again', async (steering, wire) => {
        steering.hold('left', {pan: -1});
        await tell(steering, await wire.command());
        steering.hold('left', {});
        (await wire.command()).fail();
        const again = await wire.command();
        equal(again.body, {stop: true}, 'again');
        await tell(steering, again);
    });

    await steered('a stop that the camera does not answer is sent again', async (steering, wire) => {
        steering.hold('left', {pan: -1});
        await tell(steering, await wire.command());
        steering.hold('left', {});
        await tell(steering, await wire.command(), 503, {outcome: 'failed'});
        const again = await wire.command();
        equal(again.body, {stop: true}, 'again');
        await tell(steering, again);
    });

    await steered('an old answer says nothing of a newer wish', async (steering, wire) => {
        steering.hold('right', {pan: 1});
        const old = await wire.command();
        steering.hold('right', {});
        await tell(steering, await wire.command());
        steering.hold('left', {pan: -1});
        await tell(steering, old, 409, {outcome: 'overtaken'});
        const jog = await wire.command();
        equal(jog.body, {jog: {direction: 'left'}}, 'newer');
        await tell(steering, jog);
        steering.hold('left', {});
        const stop = await wire.command();
        equal(stop.body, {stop: true}, 'stop');
        await tell(steering, stop);
    });

    await steered('a turn that nobody knows of is stopped', async (steering, wire) => {
        steering.hold('right', {pan: 1});
        (await wire.command()).fail();
        const stop = await wire.command();
        equal(stop.body, {stop: true}, 'stop');
        await tell(steering, stop);
        steering.hold('right', {});
        await settle();
        equal(wire.requests.filter(({method}) => method === 'POST').map(({body}) => body), [], 'commands');
    });

    await steered('a page that loses the focus stops what turns', async (steering, wire) => {
        steering.hold('left', {pan: -1});
        await tell(steering, await wire.command());
        window.dispatchEvent(new Event('blur'));
        const stop = await wire.command();
        equal(stop.body, {stop: true}, 'stop');
        await tell(steering, stop);
    });

    await test('two pictures at a time are asked for, each in its turn, and only what is new is shown', async () => {
        const wire = new Wire();
        const snapshots = new Snapshots();
        try {
            const shown = [];
            const subject = name => ({snapshot: name, wantsSnapshot: true, showSnapshot: () => shown.push(name)});
            ['a', 'b', 'c'].forEach(name => snapshots.add(subject(name)));
            snapshots.add({...subject('unseen'), wantsSnapshot: false});
            equal(wire.requests.map(({url}) => url), ['a', 'b'], 'at once');
            (await wire.next()).answer(200, 'picture', {ETag: '"1"'});
            const b = await wire.next();
            const c = await wire.next();
            equal([b.url, c.url], ['b', 'c'], 'in turn');
            b.fail();
            c.answer(503, {});
            const a = await wire.next();
            equal([a.url, a.headers['If-None-Match']], ['a', '"1"'], 'second turn');
            a.answer(304);
            await settle();
            equal(shown, ['a'], 'shown');
        } finally {
            snapshots.close();
            wire.close();
        }
    });

    return failures;
})();
