// Small things that every page does with its document: finding, making and filling elements.

import {words} from '/page/words.js';

/**
 * The element of this role, which the page has.
 *
 * @param {string} role
 * @param {ParentNode} [within]
 * @returns {HTMLElement}
 */
export function byRole(role, within = document) {
    return within.querySelector(`[data-role=${role}]`);
}

/**
 * Makes an element. Text goes in as text, so nothing of it is taken for HTML.
 *
 * @param {string} tag
 * @param {Object<string, string>} [attributes]
 * @param {...(Node|string)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
}

/**
 * Sets a text if it is another, so that nothing is laid out, read aloud or deselected for nothing.
 *
 * @param {Element} node
 * @param {string} text
 */
export function setText(node, text) {
    if (node.textContent !== text) {
        node.textContent = text;
    }
}

/**
 * Replaces what a menu offers, if it is other than before, and keeps what is chosen.
 *
 * @param {HTMLSelectElement} menu
 * @param {{value: string, text: string}[]} options
 * @param {string} chosen
 */
export function setOptions(menu, options, chosen) {
    const same = options.length === menu.options.length
        && options.every(({value}, i) => menu.options[i].value === value);
    if (!same) {
        menu.replaceChildren(...options.map(({value}) => element('option', {value})));
    }
    options.forEach(({text}, i) => setText(menu.options[i], text));
    if (menu.value !== chosen) {
        menu.value = chosen;
    }
}

/** Puts the words into the elements that name them by `data-word`, and by `data-label` into those that show none. */
export function fillWords(within = document) {
    for (const node of within.querySelectorAll('[data-word]')) {
        node.textContent = words[node.dataset.word];
    }
    for (const node of within.querySelectorAll('[data-label]')) {
        node.setAttribute('aria-label', words[node.dataset.label]);
        if (node.localName === 'button') {
            node.title = words[node.dataset.label];
        } else if (node.localName === 'input') {
            node.placeholder = words[node.dataset.label];
        }
    }
}

/** Says that the page's script has started, for the tests in browsers. */
export function ready() {
    document.documentElement.dataset.ready = 'true';
}

/** The camera's name at the end of this page's address. */
export function cameraInAddress() {
    return decodeURIComponent(location.pathname.split('/').pop());
}
