/** How many names an error about an unknown name lists at most. */
const maxNames = 10;

/** The error for a name that does not exist. It lists the names that exist. @param what - what has the name, such as `session`. */
export function unknownName(what: string, name: string, names: Iterable<string>): TypeError {
	const known = [...names];
	const more = known.length > maxNames ? ` and ${known.length - maxNames} more` : "";
	const list = known.slice(0, maxNames).join(", ") + more;
	return new TypeError(`@x/keepalive: unknown ${what}: ${JSON.stringify(name)}, known: ${list || "none"}`);
}
