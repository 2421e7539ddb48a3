/**
 * An answer of the venue, told apart by its status and then by the first character of its body. The Content-Type does
 * not count: replies come without one, and HTML comes with the wrong one.
 */
export type Answer =
	| { readonly kind: "json"; readonly status: number; readonly value: unknown }
	| { readonly kind: "html"; readonly status: number }
	| { readonly kind: "text"; readonly status: number; readonly text: string }
	| { readonly kind: "empty"; readonly status: number }
	/** Never followed: the venue's login page would end as a 200 with HTML. `login` when it leads there. */
	| { readonly kind: "redirect"; readonly status: number; readonly login: boolean }
	/** Begins like JSON but is not. */
	| { readonly kind: "broken"; readonly status: number };

/** Reads an answer. `location` is the header of that name. */
export function readAnswer(status: number, location: string | null, body: string): Answer {
	if (status >= 300 && status < 400) return { kind: "redirect", status, login: leadsToLogin(location) };
	const text = body.trim();
	if (text === "") return { kind: "empty", status };
	if (text.startsWith("<")) return { kind: "html", status };
	if (!text.startsWith("{") && !text.startsWith("[")) return { kind: "text", status, text };
	try {
		return { kind: "json", status, value: JSON.parse(text) };
	} catch {
		return { kind: "broken", status };
	}
}

function leadsToLogin(location: string | null): boolean {
	return location !== null && /\/sso\/(login|dispatcher)\b/i.test(location);
}

/** What an error body or a plain text says, for matching against known phrases. Never to be shown: it can hold a token. */
export function saidIn(answer: Answer): string {
	if (answer.kind === "text") return answer.text;
	if (answer.kind !== "json" || typeof answer.value !== "object" || answer.value === null) return "";
	const { error, title, detail } = answer.value as { error?: unknown; title?: unknown; detail?: unknown };
	return [error, title, detail].filter((part) => typeof part === "string").join(" ");
}
