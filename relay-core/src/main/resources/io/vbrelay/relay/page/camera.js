// The page of one camera: its picture, large, what may be chosen about it, its controls, and its addresses.

import {embedding, fillList, programs, streams} from '/page/addresses.js';
import {Control} from '/page/control.js';
import {byRole, cameraInAddress, fillWords, ready, setOptions, setText} from '/page/dom.js';
import {Player} from '/page/player/player.js';
import * as say from '/page/words.js';

/** A browser reads what it saves after the click, how soon is not said. */
const READ_MS = 10_000;

const name = cameraInAddress();
const stage = byRole('stage');
const screen = byRole('screen');
const query = new URLSearchParams(location.search);
const choice = {format: query.get('format') ?? 'auto', profile: query.get('profile') ?? undefined};
const player = new Player(stage, name, choice);
let control;
let controlAccess;
let state = {name: 'connecting'};
let aspect; // The picture's width by its height, once there is one.

fillWords();
document.title = say.title(name);
setText(byRole('name'), name);
stage.player = player;
stage.setAttribute('aria-label', say.livePictureOf(name));
player.addEventListener('state', event => showState(event.detail));
player.addEventListener('camera', () => showCamera(player.camera));
for (const menu of ['format', 'profile']) {
    byRole(menu).addEventListener('change', event => choose({[menu]: event.target.value}));
}
byRole('snapshot').addEventListener('click', saveSnapshot);
listenToFullScreen();
player.start();
ready();

function announce(text) {
    setText(byRole('announcement'), text);
}

function showState(now) {
    const aloud = say.playingAloud(now);
    if (aloud !== say.playingAloud(state)) {
        announce(aloud);
    }
    state = now;
    setText(byRole('state'), say.playing(now));
    screen.dataset.playing = now.name;
    if (now.size?.width && now.size?.height) {
        aspect = now.size.width / now.size.height;
        screen.style.setProperty('--ratio', aspect);
    }
    showMenus();
}

function showCamera(camera) {
    setText(byRole('details'), [camera.size, say.viewers(camera.viewers)].filter(Boolean).join(', '));
    byRole('snapshot').hidden = !camera.snapshot;
    showMenus();
    fillList(byRole('programs'), programs(camera, profileNow()));
    fillList(byRole('urls'), streams(camera));
    fillList(byRole('embed'), embedding(camera));
    showControl(camera.control);
}

/** The rendition that is chosen, else the first. */
function profileNow() {
    const profiles = player.camera?.streams.map(({profile}) => profile).filter(profile => profile !== 'camera') ?? [];
    return profiles.includes(choice.profile) ? choice.profile : state.profile ?? profiles[0];
}

function showMenus() {
    if (!player.camera) {
        return;
    }
    const now = profileNow();
    const codec = format => player.camera.streams.find(stream => stream.format === format
        && (stream.profile === now || stream.profile === 'camera'))?.codec;
    setOptions(byRole('format'), [
        {value: 'auto', text: say.automatic(choice.format === 'auto' ? state.format : undefined)},
        ...player.formats.map(format => ({value: format, text: say.format(format, codec(format))}))
    ], player.formats.includes(choice.format) ? choice.format : 'auto');
    const profiles = new Map();
    for (const stream of player.camera.streams) {
        if (stream.profile !== 'camera' && (!profiles.has(stream.profile) || stream.format === state.format)) {
            profiles.set(stream.profile, stream);
        }
    }
    byRole('profileChoice').hidden = profiles.size < 2;
    setOptions(byRole('profile'),
        [...profiles.values()].map(stream => ({value: stream.profile, text: say.profile(stream)})), now ?? '');
}

/** The choice is kept in the address, so that it can be passed on. */
function choose(change) {
    Object.assign(choice, change);
    player.choose(choice);
    const chosen = new URLSearchParams(Object.entries(choice).filter(([, value]) => value && value !== 'auto'));
    history.replaceState(null, '', chosen.size ? `?${chosen}` : location.pathname);
}

function showControl(access) {
    if (access === controlAccess) {
        return;
    }
    controlAccess = access;
    const allowed = access === 'allowed';
    byRole('ptz').hidden = access === 'none';
    byRole('refusal').hidden = access !== 'refused';
    setText(byRole('refusal'), say.words.refused);
    byRole('handles').hidden = !allowed;
    byRole('presetBox').hidden = !allowed;
    stage.classList.toggle('steered', allowed);
    stage.setAttribute('role', allowed ? 'application' : 'group'); // Or screen readers keep the arrow keys.
    control?.close();
    const picture = () => ({element: player.element, aspect: aspect ?? 4 / 3});
    control = access === 'none' ? undefined : new Control(name, allowed, stage, picture, announce);
}

/** Keeps the newest picture as the camera sent it, under the camera's name and the time at which it came. */
async function saveSnapshot() {
    byRole('notice').hidden = true;
    try {
        const response = await fetch(player.camera.snapshot, {cache: 'no-store'});
        if (!response.ok) {
            const {limit} = await response.json().catch(() => ({}));
            notify(limit ? say.words.snapshotFull : say.words.noSnapshot);
            return;
        }
        const came = new Date(response.headers.get('Last-Modified') ?? Date.now());
        const local = new Date(came.getTime() - came.getTimezoneOffset() * 60_000).toISOString();
        const link = document.createElement('a');
        link.href = URL.createObjectURL(await response.blob());
        link.download = `${name}-${local.slice(0, 19).replace(/:/g, '').replace('T', '-')}.jpg`;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), READ_MS);
    } catch {
        notify(say.words.snapshotFailed);
    }
}

function notify(text) {
    setText(byRole('notice'), text);
    byRole('notice').hidden = false;
}

function listenToFullScreen() {
    const button = byRole('fullscreen');
    const enter = () => screen.requestFullscreen
        ? screen.requestFullscreen()
        : player.element?.webkitEnterFullscreen?.(); // An iPhone shows nothing but videos on its full screen.
    button.addEventListener('click', () => document.fullscreenElement ? document.exitFullscreen() : enter());
    document.addEventListener('fullscreenchange', () => {
        setText(button, document.fullscreenElement ? say.words.leaveFullScreen : say.words.fullScreen);
        (document.fullscreenElement ? stage : button).focus();
    });
}
