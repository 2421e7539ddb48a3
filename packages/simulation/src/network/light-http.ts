/**
 * The part of `Request` and `Response` that the clients use. The real ones put every body through a stream,
 * which costs more than the rest of a simulated call.
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
		// The clients send strings.
		this.body = typeof body === "string" ? body : null;
	}

	text(): Promise<string> {
		return Promise.resolve(this.body ?? "");
	}
}

/** A response whose whole body is available. */
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

	text(): Promise<string> {
		return Promise.resolve(this.#body);
	}
}
