// Tests what is pure in the player, in a page of a relay whose camera is 'cam'. Its value: a promise of what failed.
(async () => {
    const {backoffSeconds, retryAfterSeconds} = await import('/page/player/backoff.js');
    const {Chase} = await import('/page/player/chase.js');
    const {RelayClock} = await import('/page/player/clock.js');
    const {playableStreams} = await import('/page/player/formats.js');
    const {FlvReader} = await import('/page/player/flvtags.js');
    const {playParts} = await import('/page/player/mjpeg.js');
    const {Mp4Reader} = await import('/page/player/mp4.js');
    const {MultipartReader} = await import('/page/player/multipart.js');
    const {Player} = await import('/page/player/player.js');
    const {openStream, Session, StreamError} = await import('/page/player/stream.js');
    const {WebmReader} = await import('/page/player/webm.js');

    const {failures, test, check, equal} = cases();
    const refuses = (body, what) => {
        try {
            body();
        } catch (error) {
            check(error instanceof StreamError, `${what}: ${error}`);
            return;
        }
        throw new Error(`${what} was taken`);
    };
    const bytesOf = text => new TextEncoder().encode(text);

    await test('back-off doubles up to 15 s, less half at random', () => {
        equal([1, 2, 3, 6, 7, 2000].map(failures => backoffSeconds(failures, 0, () => 0)), [0.5, 1, 2, 15, 15, 15], 'longest');
        equal([1, 2].map(failures => backoffSeconds(failures, 0, () => 1)), [0.25, 0.5], 'shortest');
    });

    await test('Retry-After is obeyed', () => {
        check(backoffSeconds(1, 5, () => 0) === 5 && backoffSeconds(1, 5, () => 1) === 7.5, 'not before');
        equal(['5', ' 7 ', '', null, '-1', '1e9', 'Wed, 21 Oct 2026 07:28:00 GMT', '999999999999'].map(retryAfterSeconds),
            [5, 7, 0, 0, 0, 0, 0, 3600], 'read');
    });

    await test('what the relay refuses, and why, is understood', async () => {
        const real = globalThis.fetch;
        const refused = async (body, init) => {
            globalThis.fetch = async () => new Response(body, init);
            return openStream('/live/cam.mp4', new AbortController().signal).then(() => 'taken', error => error);
        };
        try {
            const full = await refused('{"status":503,"error":"full","limit":"encoders"}',
                {status: 503, headers: {'Retry-After': '5'}});
            equal([full.reason, full.limit, full.retryAfterSeconds], ['full', 'encoders', 5], 'full');
            equal((await refused('{"status":404,"error":"no camera"}', {status: 404})).reason, 'gone', 'gone');
            equal((await refused('<h1>Bad Gateway</h1>', {status: 502})).reason, 'network', 'a proxy without its relay');
        } finally {
            globalThis.fetch = real;
        }
    });

    await test('a stream that says nothing is broken off', async () => {
        const session = new Session(new AbortController().signal, 1 / 15, 2, () => {});
        session.heard(0.01);
        await new Promise(done => session.signal.addEventListener('abort', done));
        equal(session.signal.reason.reason, 'network', 'reason');
    });

    await test('a stream may be silent while its camera is held', () => {
        const real = globalThis.setTimeout;
        const waits = [];
        globalThis.setTimeout = (then, ms) => {
            waits.push(ms);
        };
        try {
            [2, 60].forEach(hold => new Session(new AbortController().signal, 0.5, hold, () => {}).heard());
        } finally {
            globalThis.setTimeout = real;
        }
        equal(waits, [20_000, 4000, 62_000, 62_000], 'ms to the first bytes and to the next');
    });

    await test('JPEGs of which the browser decodes none are given up', async () => {
        const real = {now: performance.now, decode: globalThis.createImageBitmap};
        let seconds = 0;
        performance.now = () => seconds * 1000;
        globalThis.createImageBitmap = async () => {
            seconds++;
            throw new Error('broken');
        };
        try {
            const session = new Session(new AbortController().signal, 1, 2, () => {});
            const part = bytesOf('--b\r\nContent-Type: image/jpeg\r\nContent-Length: 2\r\nX-Timestamp: 1\r\n\r\nxx\r\n');
            const body = new ReadableStream({
                async pull(controller) {
                    await new Promise(done => setTimeout(done));
                    if (session.signal.aborted || seconds > 100) {
                        controller.close();
                    } else {
                        controller.enqueue(part);
                    }
                }
            });
            const response = new Response(body, {headers: {'Content-Type': 'multipart/x-mixed-replace; boundary=b'}});
            await playParts(response, document.createElement('canvas'), session);
            equal([session.signal.reason?.reason, seconds], ['unplayable', 9], 'reason, and after which picture');
        } finally {
            performance.now = real.now;
            globalThis.createImageBitmap = real.decode;
        }
    });

    await test('JPEGs that the browser cannot decode are tried again when there is nothing else', async () => {
        const real = {now: performance.now, decode: globalThis.createImageBitmap, fetch: globalThis.fetch};
        let laterMs = 0;
        performance.now = () => real.now.call(performance) + laterMs;
        globalThis.createImageBitmap = async () => {
            laterMs += 10_000;
            throw new Error('broken');
        };
        globalThis.fetch = async (url, init) => {
            const response = await real.fetch.call(globalThis, url, init);
            if (!String(url).startsWith('/api/')) {
                return response;
            }
            const camera = await response.json();
            return Response.json({...camera, streams: camera.streams.filter(({format}) => format === 'mjpeg')});
        };
        const player = new Player(document.createElement('div'), 'cam');
        try {
            const name = await new Promise(done => {
                player.addEventListener('state', ({detail}) => {
                    if (detail.name !== 'connecting') {
                        done(detail.name);
                    }
                });
                player.start();
            });
            equal([name, player.formats], ['reconnecting', ['mjpeg']], 'state, and what there is to choose');
        } finally {
            player.close();
            performance.now = real.now;
            globalThis.createImageBitmap = real.decode;
            globalThis.fetch = real.fetch;
        }
    });

    await test('of the chosen profile the streams that play are offered, best first', () => {
        const stream = (format, codec, profile = 'default') => ({format, codec, profile});
        const camera = {streams: [stream('flv', 'flv1'), stream('webm', 'vp8'), stream('mp4', 'h264'), stream('mp4', 'h264', 'low'),
            stream('ogg', 'theora'), stream('webm', 'h264', 'low'), stream('mjpeg', 'mjpeg', 'camera')]};
        const names = profile => playableStreams(camera, profile).map(({format, profile: of}) => `${format} ${of}`);
        equal(names(), ['mp4 default', 'webm default', 'mjpeg camera'], 'the first profile');
        equal(names('low'), ['mp4 low', 'mjpeg camera'], 'another');
        equal(names('none'), names(), 'one that is not there');
        equal(playableStreams({streams: []}), [], 'nothing');
    });

    /** Plays what comes by the rule: pictures of one rate, each late by up to jitter; the position stops where nothing is. */
    function play({fps, jitter, startLate, seconds}) {
        const chase = new Chase(1 / fps);
        const step = 0.01;
        const late = [];
        let random = 1;
        let [due, number, position, rate, end, stalls] = [0, 0, -startLate, 1, 0, 0];
        for (let tick = 0; tick * step < seconds; tick++) {
            const at = tick * step;
            while (at >= due) {
                chase.arrived(number / fps, at);
                end = ++number / fps;
                random = random * 16807 % 2147483647;
                due = number / fps + jitter * random / 2147483647;
            }
            if (tick % 10 === 0) {
                const decision = chase.decide(position, at);
                position = decision.jump ?? position;
                rate = decision.rate ?? 1;
                late.push({late: chase.target(at) - position, rate});
            }
            const next = position + rate * step;
            stalls += next > end && at > seconds / 2 ? 1 : 0;
            position = Math.min(next, end);
        }
        return {late, stalls};
    }

    for (const fps of [1, 6, 15, 30]) {
        await test(`the chase comes near without overshooting at ${fps} pictures a second`, () => {
            const {late, stalls} = play({fps, jitter: Math.min(0.2 / fps, 0.04), startLate: 0.9, seconds: fps > 1 ? 40 : 100});
            equal(stalls, 0, 'stalls');
            const settled = late.slice(-100);
            check(settled.every(now => Math.abs(now.late) < 0.1 / fps + 0.03), `late by ${settled.map(now => now.late)}`);
            check(settled.every(({rate}) => rate > 0.97 && rate < 1.03), `rates ${settled.map(({rate}) => rate)}`);
            const faster = late.slice(10).findIndex(({rate}) => rate < 0.97);
            equal(faster, -1, 'after it was late, never slow');
        });
    }

    await test('the chase jumps when it is far behind, and rests before anything came', () => {
        const chase = new Chase(1 / 15);
        equal(chase.decide(5, 100), {rate: 1}, 'nothing came');
        chase.arrived(50, 100);
        const {jump} = chase.decide(40, 100);
        check(jump > 49.9 && jump <= 50, `to ${jump}`);
        equal(chase.decide(60, 100).rate, 0.9, 'ahead');
    });

    await test('of pictures long ago the chase knows nothing', () => {
        const chase = new Chase(1 / 15);
        chase.arrived(0, 3);
        for (let at = 10; at < 12; at += 0.1) {
            chase.arrived(at, at);
        }
        check(chase.target(12) > 11.9, `target ${chase.target(12)}`);
    });

    await test('the clock believes the quickest answer, and a new one that contradicts it', () => {
        const clock = new RelayClock();
        equal(clock.at(1), undefined, 'before');
        clock.sample(100, 0, 2);
        equal(clock.at(1), 100, 'half way');
        clock.sample(110.5, 11, 11.2);
        check(Math.abs(clock.at(11.1) - 110.5) < 1e-9, 'the quicker');
        clock.sample(112.4, 12, 14);
        check(Math.abs(clock.at(11.1) - 110.5) < 1e-9, 'not the slower');
        clock.sample(5, 15, 15.2);
        check(Math.abs(clock.at(15.1) - 5) < 1e-9, 'begun anew');
    });

    const TYPE = 'multipart/x-mixed-replace; boundary=vbrelayframe';
    const part = (seconds, body) => `--vbrelayframe\r\nContent-Type: image/jpeg\r\nContent-Length: ${body.length}\r\n`
        + `X-Timestamp: ${seconds}\r\n\r\n${body}\r\n`;
    const PARTS = [[1.5, 'one'], [2.25, '\r\n\r\n--vbrelayframe\r\nContent-Length: 9\r\n\r\n'], [3, 'three']];
    const MULTIPART = bytesOf(PARTS.map(([seconds, body]) => part(seconds, body)).join(''));
    const read = (...chunks) => {
        const reader = new MultipartReader(TYPE);
        return chunks.flatMap(chunk => reader.push(chunk))
            .map(({seconds, bytes}) => [seconds, new TextDecoder().decode(bytes)]);
    };

    await test('parts are found wherever the body is cut', () => {
        for (let cut = 0; cut <= MULTIPART.length; cut++) {
            equal(read(MULTIPART.slice(0, cut), MULTIPART.slice(cut)), PARTS, `cut at ${cut}`);
        }
        equal(read(...Array.from(MULTIPART, byte => Uint8Array.of(byte))), PARTS, 'byte by byte');
    });

    await test('a body that ends anywhere gives the parts that are whole', () => {
        let end = 0;
        const ends = PARTS.map(([seconds, body]) => (end += part(seconds, body).length) - 2);
        for (let cut = 0; cut <= MULTIPART.length; cut++) {
            equal(read(MULTIPART.slice(0, cut)).length, ends.filter(whole => whole <= cut).length, `ended at ${cut}`);
        }
    });

    await test('parts that lie are refused', () => {
        const refused = text => refuses(() => read(bytesOf(text)), text.slice(0, 80));
        const headers = (length, time = '1') => `--vbrelayframe\r\nContent-Length: ${length}\r\nX-Timestamp: ${time}\r\n\r\nx`;
        ['-1', '0', '1.5', 'x', '', '99999999999', 'Infinity'].forEach(length => refused(headers(length)));
        ['x', 'NaN', 'Infinity'].forEach(time => refused(headers(1, time)));
        refused('--vbrelayframe\r\nContent-Length: 1\r\n\r\nx');
        refused('--other\r\nContent-Length: 1\r\nX-Timestamp: 1\r\n\r\nx');
        refused('-'.repeat(5000));
        refused(`--vbrelayframe\r\n${'a: b\r\n'.repeat(2000)}`);
        ['image/jpeg', '', null].forEach(type => refuses(() => new MultipartReader(type), `type ${type}`));
    });

    /** The beginning of a stream, to behind its fourth picture. */
    async function record(format, Reader) {
        const end = new AbortController();
        const response = await fetch(`/live/cam.${format}`, {signal: end.signal});
        const reader = response.body.getReader();
        const parser = new Reader();
        const chunks = [];
        for (let pictures = 0; pictures < 4;) {
            const {value} = await reader.read();
            chunks.push(value.slice());
            pictures += parser.push(value).length;
        }
        end.abort();
        return new Uint8Array(await new Blob(chunks).arrayBuffer());
    }

    const TYPES = {
        mp4: /^video\/mp4; codecs="avc1\.[0-9a-f]{6}"$/,
        webm: /^video\/webm; codecs="vp8"$/,
        flv: /^undefined$/, // mpegts.js finds that out.
    };

    const HEAD = 1500; // Bytes in which each format has its header, and more than one unit of it begins.

    for (const [format, Reader] of Object.entries({mp4: Mp4Reader, webm: WebmReader, flv: FlvReader})) {
        let stream;
        let pictures;
        const parse = chunks => {
            const reader = new Reader();
            return {pictures: chunks.flatMap(chunk => reader.push(chunk)), type: reader.type};
        };

        await test(`${format}: codec and times are read from the stream`, async () => {
            stream = await record(format, Reader);
            const whole = parse([stream]);
            pictures = whole.pictures;
            check(TYPES[format].test(String(whole.type)), `type ${whole.type}`);
            check(whole.type === undefined || MediaSource.isTypeSupported(whole.type), `type ${whole.type} is not supported`);
            equal(pictures[0].key, true, 'first is a key frame');
            const steps = pictures.slice(1).map(({seconds}, i) => seconds - pictures[i].seconds);
            // Of one period; of more only when the machine stood still for seconds.
            check(steps.every(step => Math.abs(step - Math.max(1, Math.round(step * 15)) / 15) < 0.0011), `steps ${steps}`);
        });

        await test(`${format}: chunks may be cut anywhere`, () => {
            for (const size of [1, 3, 1000]) {
                const chunks = [];
                for (let at = 0; at < stream.length; at += size) {
                    chunks.push(stream.slice(at, at + size));
                }
                equal(parse(chunks).pictures, pictures, `chunks of ${size}`);
            }
            for (let cut = 0; cut <= Math.min(stream.length, HEAD); cut++) {
                equal(parse([stream.slice(0, cut), stream.slice(cut)]).pictures, pictures, `cut at ${cut}`);
            }
        });

        await test(`${format}: a stream that ends anywhere gives the pictures that are whole`, () => {
            for (let cut = 0; cut < stream.length; cut += cut < HEAD ? 1 : 97) {
                const some = parse([stream.slice(0, cut)]).pictures;
                equal(some, pictures.slice(0, some.length), `ended at ${cut}`);
            }
        });

        await test(`${format}: damage is refused or survived`, () => {
            for (let at = 0; at < Math.min(stream.length, HEAD); at++) {
                for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
                    const damaged = stream.slice();
                    damaged[at] = value;
                    try {
                        parse([damaged]);
                    } catch (error) {
                        check(error instanceof StreamError, `byte ${at} is ${value}: ${error.stack}`);
                    }
                }
            }
        });
    }

    await test('lengths beyond all limits are refused before anything is waited for', () => {
        refuses(() => new Mp4Reader().push(Uint8Array.of(0x7f, 0xff, 0xff, 0xff, ...bytesOf('mdat'))), 'a long box');
        refuses(() => new Mp4Reader().push(Uint8Array.of(0, 0, 0, 1, ...bytesOf('mdat'))), 'a box of 64 bits');
        refuses(() => new Mp4Reader().push(Uint8Array.of(0, 0, 0, 7, ...bytesOf('moov'))), 'a box shorter than its head');
        refuses(() => new WebmReader().push(Uint8Array.of(0x1f, 0x43, 0xb6, 0x75, 1, 255, 255, 255, 255, 255, 255, 255)),
            'a cluster of unknown size');
        refuses(() => new WebmReader().push(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0)), 'an id of more than four bytes');
        const header = [0x46, 0x4c, 0x56, 1, 1, 0, 0, 0, 9, 0, 0, 0, 0];
        refuses(() => new FlvReader().push(Uint8Array.of(...header, 9, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0)), 'a long tag');
        refuses(() => new FlvReader().push(bytesOf('GIF89a, of all things')), 'no FLV');
    });

    await test('FLV counts its time in 32 bits, the highest last', () => {
        const picture = [0x17, 1, 0, 0, 0];
        const tag = [9, 0, 0, picture.length, 0x34, 0x56, 0x78, 0x12, 0, 0, 0, ...picture, 0, 0, 0, 16];
        const stream = Uint8Array.of(0x46, 0x4c, 0x56, 1, 1, 0, 0, 0, 9, 0, 0, 0, 0, ...tag);
        equal(new FlvReader().push(stream), [{seconds: 0x12345678 / 1000, key: true}], 'picture');
    });

    return failures;
})()
