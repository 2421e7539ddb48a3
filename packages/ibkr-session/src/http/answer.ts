/**
 * A reply of the venue, classified by its status and the first character of its body. The Content-Type is ignored: some
 * replies have none, and HTML comes with a wrong one.
 */
export type Answer =
	| { readonly kind: "json"; readonly status: number; readonly value: unknown }
	| { readonly kind: "html"; readonly status: number }
	| { readonly kind: "text"; readonly status: number; readonly text: string }
	| { readonly kind: "empty"; readonly status: number }
	/** Not followed, because a login page would be a 200 with HTML. `login`: whether it leads to the login page. */
	| { readonly kind: "redirect"; readonly status: number; readonly login: boolean }
	/** Starts like JSON, but cannot be parsed. */
	| { readonly kind: "broken"; readonly status: number };

/** Classifies a reply. `location` is its header of that name. */
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

/** The text of an error, for matching against known phrases. It must not be shown, because it can hold a token. */
export function saidIn(answer: Answer): string {
	if (answer.kind === "text") return answer.text;
	if (answer.kind !== "json" || typeof answer.value !== "object" || answer.value === null) return "";
	const { error, title, detail } = answer.value as { error?: unknown; title?: unknown; detail?: unknown };
	return [error, title, detail].filter((part) => typeof part === "string").join(" ");
}
