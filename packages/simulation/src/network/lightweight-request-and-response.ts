/**
 * Replaces the class `Request`, with only the members that the clients use. `LightResponse` does the same for `Response`. The real classes
 * pass every body through a stream, which takes longer than everything else in a simulated call.
 */
export class LightRequest {
	readonly url: string;
	readonly method: string;
	readonly headers: Headers;
	readonly body: string | null;

	constructor(input: string | URL, { method = "GET", headers, body }: RequestInit = {}) {
		this.url = new URL(input).href;
		this.method = method;
		this.headers = new Headers(headers);
		// Only strings are supported, because the clients send no other bodies.
		this.body = typeof body === "string" ? body : null;
	}

	text(): Promise<string> {
		return Promise.resolve(this.body ?? "");
	}
}

/** A response whose body is completely available from the start. It replaces the class `Response`. */
export class LightResponse {
	readonly type = "default";
	readonly status: number;
	readonly ok: boolean;
	readonly headers: Headers;
	readonly #body: string;

	constructor(body: string | null, { status = 200, headers }: ResponseInit = {}) {
		this.status = status;
		this.ok = status >= 200 && status < 300;
		this.headers = new Headers(headers);
		this.#body = body ?? "";
	}

	/** A stream of one chunk, with the methods that the clients use to read it. */
	get body(): { getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array }>; cancel(): Promise<void> } } {
		let chunk: Uint8Array | undefined = encoder.encode(this.#body);
		return {
			getReader: () => ({
				read: async () => {
					const value = chunk;
					chunk = undefined;
					return value && value.length > 0 ? { done: false, value } : { done: true };
				},
				cancel: async () => undefined,
			}),
		};
	}

	text(): Promise<string> {
		return Promise.resolve(this.#body);
	}
}

const encoder = new TextEncoder();
