/** Maximum number of stored cookies. The gateway sets two cookies; a much larger number means a bug or an attack. */
const maxCookies = 20;

/**
 * The cookies of one client, which has one host only.
 *
 * The path of a cookie is ignored on purpose: the venue sets cookies for the path `/sso`, and expects them under `/v1/api`.
 */
export class Cookies {
	readonly #values = new Map<string, string>();

	/** Stores the cookies that a reply sets. An empty or expired cookie is deleted. */
	take(headers: Headers, now: number): void {
		for (const line of headers.getSetCookie()) {
			const [pair = "", ...attributes] = line.split(";");
			const at = pair.indexOf("=");
			const name = pair.slice(0, at).trim();
			const value = pair.slice(at + 1).trim();
			if (at < 1 || name === "") continue;
			this.#values.delete(name);
			if (value === "" || attributes.some((attribute) => isExpired(attribute, now))) continue;
			if (this.#values.size < maxCookies) this.#values.set(name, value);
		}
	}

	/** The `Cookie` header, or undefined when there is nothing to send. */
	header(): string | undefined {
		if (this.#values.size === 0) return undefined;
		return [...this.#values].map(([name, value]) => `${name}=${value}`).join("; ");
	}

	clear(): void {
		this.#values.clear();
	}
}

function isExpired(attribute: string, now: number): boolean {
	const [name = "", value = ""] = attribute.split(/=(.*)/s).map((part) => part.trim());
	if (/^max-age$/i.test(name)) return Number(value) <= 0;
	return /^expires$/i.test(name) && Date.parse(value) <= now;
}
