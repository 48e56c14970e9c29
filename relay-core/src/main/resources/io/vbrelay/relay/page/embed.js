// The picture of one camera alone, for a frame in another page.

import {byRole, cameraInAddress, ready, setText} from '/page/dom.js';
import {Player} from '/page/player/player.js';
import {livePictureOf, playing, playingAloud, title} from '/page/words.js';

const name = cameraInAddress();
const stage = byRole('stage');
const query = new URLSearchParams(location.search);
const player = new Player(stage, name, {
    format: query.get('format') ?? 'auto',
    profile: query.get('profile') ?? undefined
});

document.title = title(name);
setText(byRole('name'), livePictureOf(name));
stage.player = player;
player.addEventListener('state', ({detail}) => {
    setText(byRole('state'), playing(detail));
    setText(byRole('announcement'), playingAloud(detail));
    byRole('screen').dataset.playing = detail.name;
});
player.start();
ready();
