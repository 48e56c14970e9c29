// Where a camera must look for what is at a place in its picture to get to the middle.

const DEGREE = Math.PI / 180;

/**
 * The turn that brings a place to the middle, for a lens that keeps straight lines straight. The tilt counts: the steeper a camera
 * looks, the further it must turn for the same way across the picture.
 *
 * @param {number} x of the place, -1 at the left edge to 1 at the right
 * @param {number} y of the place, -1 at the lower edge to 1 at the upper
 * @param {number} aspect the picture's width by its height
 * @param {{tilt: number, zoom: number}} position where the camera looks; zoom is the horizontal angle of view. Degrees
 * @returns {{pan: number, tilt: number}} by how much to turn, degrees
 */
export function aim(x, y, aspect, {tilt, zoom}) {
    const half = Math.tan(zoom * DEGREE / 2);
    const right = x * half;
    const above = y * half / aspect;
    // The ray to the place, one long along the lens, turned from the camera's frame to that of its foot.
    const up = above * Math.cos(tilt * DEGREE) + Math.sin(tilt * DEGREE);
    const ahead = Math.cos(tilt * DEGREE) - above * Math.sin(tilt * DEGREE);
    return {
        pan: Math.atan2(right, ahead) / DEGREE,
        tilt: Math.atan2(up, Math.hypot(right, ahead)) / DEGREE - tilt
    };
}

/**
 * Where in the picture a point of the page is, the picture being fitted into its element with its shape kept.
 *
 * @param {{left: number, top: number, width: number, height: number}} box of the element
 * @param {number} aspect the picture's
 * @returns {{x: number, y: number}|undefined} as {@link aim} takes it; undefined beside the picture
 */
export function placeInPicture(clientX, clientY, box, aspect) {
    const width = Math.min(box.width, box.height * aspect);
    const height = width / aspect;
    const x = 2 * (clientX - box.left - box.width / 2) / width;
    const y = -2 * (clientY - box.top - box.height / 2) / height;
    return Math.abs(x) <= 1 && Math.abs(y) <= 1 ? {x, y} : undefined;
}
