/** No event of the agent has more characters than this. */
const maxEventLength = 1_000_000;

/**
 * One server-sent event.
 *
 * @typedef {{ readonly id: string | undefined, readonly event: string, readonly data: string }} StreamEvent
 */

/**
 * Makes a parser that splits the text of an event stream into events. Comments are skipped.
 *
 * @returns {(chunk: string) => StreamEvent[]} takes the next chunk of text, and returns the events that the chunk completes.
 *   It throws if an event is too long.
 */
export function makeEventParser() {
	let rest = "";
	return (chunk) => {
		rest += chunk;
		const blocks = rest.split("\n\n");
		rest = blocks.pop() ?? "";
		if (rest.length > maxEventLength) throw new Error("an event of the stream has more than 1,000,000 characters");
		return blocks.flatMap((block) => {
			const fields = new Map(block.split("\n").map((line) => cut(line)));
			const data = fields.get("data");
			return data === undefined ? [] : [{ id: fields.get("id"), event: fields.get("event") ?? "message", data }];
		});
	};
}

/**
 * @param {string} line
 * @returns {[string, string]}
 */
function cut(line) {
	const at = line.indexOf(":");
	return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1).replace(/^ /, "")];
}
