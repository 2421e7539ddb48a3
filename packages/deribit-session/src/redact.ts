import { redact, safeCause as safeCopy } from "@x/base/redact";

import type { DeribitError } from "./errors.ts";

const secretName = /secret|token|signature|password|client_id|nonce|user|email|^sid$/i;

/** At most ten primitive members of an error's `data`, with secrets removed; undefined when no member is left. */
export function redactData(data: unknown, secrets: Iterable<string>): DeribitError["data"] {
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

/**
 * The secret values in parameters or a result. Values under three characters are left out: removing them from an error
 * would garble its text.
 */
export function secretsIn(values: unknown): string[] {
	const found: string[] = [];
	if (typeof values !== "object" || values === null) return found;
	for (const [name, value] of Object.entries(values)) {
		// The name is tested last, because this code runs for every reply and matching the pattern is the slowest of the
		// tests.
		if (typeof value === "string" && value.length > 2 && secretName.test(name)) found.push(value);
	}
	return found;
}

/** A copy of an error of third-party code that is safe to show. */
export function safeCause(error: unknown, secrets: Iterable<string>): Error | undefined {
	return safeCopy(error, (text) => redact(text, secrets));
}

/** How many secrets are remembered at most. A connection never has this many valid secrets at the same time. */
const maxSecrets = 100;

/**
 * The secrets that were most recently sent or received over a connection. They are removed from the errors of that
 * connection.
 */
export class KnownSecrets implements Iterable<string> {
	readonly #known = new Set<string>();

	/** Remembers the secrets that parameters or a result contain. */
	add(values: unknown): void {
		for (const secret of secretsIn(values)) {
			// Moves the secret to the end, so that the least recently used secrets are dropped first.
			this.#known.delete(secret);
			this.#known.add(secret);
		}
		if (this.#known.size > maxSecrets) this.#dropOldest();
	}

	#dropOldest(): void {
		for (const oldest of this.#known) if (this.#known.size > maxSecrets) this.#known.delete(oldest);
	}

	[Symbol.iterator](): Iterator<string> {
		return this.#known.values();
	}
}
