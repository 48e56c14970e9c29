// Lists the cameras, each with its newest picture and the addresses of its streams.

function element(name, attributes, ...children) {
    const made = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    made.append(...children);
    return made;
}

function section(camera) {
    const made = element('section', {'data-camera': camera.name}, element('h2', {}, camera.name));
    if (camera.snapshot) {
        made.append(element('img', {src: camera.snapshot, alt: `Newest picture of ${camera.name}`}));
    }
    made.append(...camera.streams.map(stream => element('p', {}, element('a', {href: stream.url}, stream.url))));
    return made;
}

const answer = await fetch('/api/v1/cameras');
document.querySelector('main').append(...(await answer.json()).map(section));
document.documentElement.dataset.ready = 'true';
