/** What a venue error's `data` may tell: a short text, or short named values. */
export type DeribitErrorData = string | Readonly<Record<string, string | number | boolean>>;

const longest = 200;
const secretName = /secret|token|signature|password|client_id|nonce|user|email|^sid$/i;

/** The text without any of the secrets, cut to a length a log can bear. */
export function redact(text: string, secrets: Iterable<string>): string {
	let safe = text;
	// The longest first: a secret that contains another must not leave its rest behind.
	for (const secret of [...secrets].sort((a, b) => b.length - a.length)) safe = safe.replaceAll(secret, "[redacted]");
	return safe.length > longest ? `${safe.slice(0, longest)}…` : safe;
}

/** The short, flat and harmless part of an error's `data`; undefined when nothing of it is. */
export function redactData(data: unknown, secrets: Iterable<string>): DeribitErrorData | undefined {
	if (typeof data === "string") return redact(data, secrets);
	if (typeof data !== "object" || data === null || Array.isArray(data)) return undefined;
	const kept: Record<string, string | number | boolean> = {};
	for (const [name, value] of Object.entries(data).slice(0, 10)) {
		if (secretName.test(name)) continue;
		if (typeof value === "string") kept[redact(name, secrets)] = redact(value, secrets);
		if (typeof value === "number" || typeof value === "boolean") kept[redact(name, secrets)] = value;
	}
	return Object.keys(kept).length > 0 ? kept : undefined;
}

/** The values in parameters or a result that must never be shown. Very short ones say nothing and would garble texts. */
export function secretsIn(values: unknown): string[] {
	const found: string[] = [];
	if (typeof values !== "object" || values === null) return found;
	for (const [name, value] of Object.entries(values)) {
		// Each frame is searched: the name, which takes longer, is looked at last.
		if (typeof value === "string" && value.length > 2 && secretName.test(name)) found.push(value);
	}
	return found;
}

/** A foreign error as a cause that can be shown: only its name, its redacted message and its code. */
export function safeCause(error: unknown, secrets: Iterable<string>): Error {
	if (!(error instanceof Error)) return new Error(`a thrown ${typeof error}`);
	const inner = error.cause instanceof Error ? `: ${error.cause.message}` : "";
	const safe = new Error(redact(`${error.message}${inner}`, secrets));
	safe.name = error.name;
	return safe;
}
