/** Refuses a member that is none of the known: a misspelt option would else be one that was not given. */
export function onlyKnown(options: unknown, known: Readonly<Record<string, 1>>, of = ""): void {
	if (typeof options !== "object" || options === null) throw wrong(of || "object", "an object", options);
	const strange = Object.keys(options).find((name) => !Object.hasOwn(known, name));
	if (strange === undefined) return;
	const shown = /^\w{1,40}$/.test(strange) ? strange : "with an odd name";
	const names = Object.keys(known).join(", ");
	throw new TypeError(`@x/keepalive/ibkr: option ${of && `${of}.`}${shown} is not known; there are ${names}`);
}

/** The fault of an option, by its name and the type of its value. The value is not quoted, unless it is a number. */
export function wrong(name: string, allowed: string, value: unknown): TypeError {
	const type = value === null ? "null" : typeof value;
	const shown = typeof value === "number" ? `number ${value}` : type;
	return new TypeError(`@x/keepalive/ibkr: option ${name} is a ${shown}; it must be ${allowed}`);
}
