/** A member of a JSON object, and its place in the text. */
export interface Member {
	/** The name of the member, with escapes resolved. */
	readonly key: string;
	/** Whether the name was written with escapes. */
	readonly isEscaped: boolean;
	/** Where the name begins in the text. */
	readonly from: number;
	/** Where the value begins in the text. */
	readonly start: number;
	/** Where the value ends in the text. */
	readonly end: number;
}

const code = (character: string): number => character.charCodeAt(0);
const [quote, backslash, comma, colon] = [code('"'), code("\\"), code(","), code(":")];
const [openBrace, closeBrace, openBracket, closeBracket] = [code("{"), code("}"), code("["), code("]")];
// These functions compare character codes, because looking up each character in a set takes nearly half of the time of a scan.
const isOpening = (each: number): boolean => each === openBrace || each === openBracket;
const isClosing = (each: number): boolean => each === closeBrace || each === closeBracket;

/**
 * The members of a JSON object in their order, including duplicates. With their places, a caller can change one value and keep every other
 * character. `JSON.parse` and `JSON.stringify` would change the spelling of numbers.
 *
 * @param text - JSON that `JSON.parse` has accepted, with an object at `from`.
 * @param stopAfter - the name of the last member that is needed; members after it are not read.
 */
export function membersOf(text: string, from = 0, stopAfter?: string): readonly Member[] {
	const members: Member[] = [];
	let at = afterSpace(text, afterSpace(text, from) + 1);
	while (at < text.length && !isClosing(text.charCodeAt(at))) {
		const keyEnd = stringEnd(text, at);
		const raw = text.slice(at + 1, keyEnd - 1);
		// The cast is safe: the name of a member is a string.
		const isEscaped = raw.includes("\\");
		const key = isEscaped ? (JSON.parse(text.slice(at, keyEnd)) as string) : raw;
		let start = afterSpace(text, keyEnd);
		if (text.charCodeAt(start) === colon) start = afterSpace(text, start + 1);
		const end = valueEnd(text, start);
		members.push({ key, isEscaped, from: at, start, end });
		if (key === stopAfter) break;
		at = afterSpace(text, end);
		if (text.charCodeAt(at) === comma) at = afterSpace(text, at + 1);
	}
	return members;
}

function afterSpace(text: string, from: number): number {
	let at = from;
	while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
	return at;
}

/**
 * Returns where a string ends.
 *
 * @param from - the position of its opening quote.
 */
function stringEnd(text: string, from: number): number {
	let at = text.indexOf('"', from + 1);
	while (at >= 0 && isEscapedAt(text, at)) at = text.indexOf('"', at + 1);
	return at < 0 ? text.length : at + 1;
}

/** Whether the character at this position is escaped, because an odd number of backslashes comes before it. */
function isEscapedAt(text: string, at: number): boolean {
	let first = at;
	while (text.charCodeAt(first - 1) === backslash) first -= 1;
	return (at - first) % 2 === 1;
}

function valueEnd(text: string, from: number): number {
	const first = text.charCodeAt(from);
	if (first === quote) return stringEnd(text, from);
	let at = from;
	if (!isOpening(first)) {
		// The value is a number, true, false or null.
		while (at < text.length && !isValueEnd(text.charCodeAt(at))) at += 1;
		return at;
	}
	let depth = 0;
	do {
		const each = text.charCodeAt(at);
		if (each === quote) {
			at = stringEnd(text, at);
			continue;
		}
		if (isOpening(each)) depth += 1;
		else if (isClosing(each)) depth -= 1;
		at += 1;
	} while (depth > 0 && at < text.length);
	return at;
}

const isValueEnd = (each: number): boolean => each === comma || each <= 0x20 || isClosing(each);
