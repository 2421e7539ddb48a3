/**
 * Creates an element. Strings become text, never HTML, so that HTML in a venue's message has no effect.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Readonly<Record<string, string>>} [attributes]
 * @param {readonly (Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
	const made = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
	made.append(...children);
	return made;
}

/**
 * Creates an SVG element.
 *
 * @param {string} tag
 * @param {Readonly<Record<string, string | number>>} attributes
 * @param {readonly Node[]} children
 */
export function svg(tag, attributes, ...children) {
	const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
	for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
	made.append(...children);
	return made;
}

/**
 * The element of the page with this id.
 *
 * @param {string} id
 */
export function byId(id) {
	const found = document.getElementById(id);
	if (!found) throw new Error(`the page has no element ${id}`);
	return found;
}

/**
 * Sets the text of an element, but only if the text differs from the shown one: setting the same text again would make a screen reader
 * read it again, and would remove what the user has selected.
 *
 * @param {Element} target
 * @param {string} text
 */
export function setText(target, text) {
	if (target.textContent !== text) target.textContent = text;
}

/**
 * Shows a text, or hides the element if there is none.
 *
 * @param {HTMLElement} target
 * @param {string | undefined} text
 */
export function showText(target, text) {
	setText(target, text ?? "");
	target.hidden = !text;
}

/**
 * Replaces the children of an element if `key` differs from the key of the previous call for this element.
 *
 * @param {HTMLElement} target
 * @param {string} key - the data from which the children are made.
 * @param {() => readonly Node[]} make
 */
export function setChildren(target, key, make) {
	if (keys.get(target) === key) return;
	keys.set(target, key);
	target.replaceChildren(...make());
}

/** @type {WeakMap<Element, string>} */
const keys = new WeakMap();
