import { withDeadline } from "@x/base/clock";
import { sentence } from "@x/base/errors";
import { isObject } from "@x/base/objects";
import type { HttpConfig } from "../config/config.ts";
import type { components } from "../generated/schema.ts";

type Schemas = components["schemas"];

/** Thrown when the agent cannot be reached, does not answer in time, or refuses the request. The message tells a person why. */
export class AgentCallError extends Error {
	override readonly name = "AgentCallError";
	/** The HTTP status of the answer; undefined if there was no answer. */
	readonly status: number | undefined;

	constructor(message: string, status?: number) {
		super(sentence(message));
		this.status = status;
	}
}

/** Deadline for one call, in milliseconds. It is long, because stopping the sessions takes as long as the slowest venue. */
const timeoutMs = 30_000;

/** Calls the HTTP API of an agent. */
export class AgentClient {
	readonly #url: string;
	readonly #token: string | undefined;
	readonly #signal: AbortSignal;

	/** @param url - the agent's address, such as `http://127.0.0.1:7300`. Default: where the configuration says that the agent listens. */
	constructor({ host, port, token }: HttpConfig, signal: AbortSignal, url?: string) {
		const reachable =
			host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
		this.#url = (url ?? `http://${reachable}:${port}`).replace(/\/$/, "");
		this.#token = token;
		this.#signal = signal;
	}

	sessions(): Promise<Schemas["SessionList"]> {
		return this.#call("/v1/sessions");
	}

	timeline(window: { readonly from: number; readonly to: number }): Promise<Schemas["Timeline"]> {
		return this.#call(`/v1/timeline?from=${window.from}&to=${window.to}`);
	}

	history(query: Readonly<Record<string, string | number>>): Promise<Schemas["HistoryPage"]> {
		const values = new URLSearchParams();
		for (const [name, value] of Object.entries(query)) values.set(name, String(value));
		return this.#call(`/v1/history?${values}`);
	}

	retry(session: string): Promise<Schemas["Retried"]> {
		return this.#call(`/v1/sessions/${encodeURIComponent(session)}/retry`, {});
	}

	reload(): Promise<Schemas["Reloaded"]> {
		return this.#call("/v1/reload", {});
	}

	stop(request: Schemas["StopRequest"]): Promise<Schemas["Stopped"]> {
		return this.#call("/v1/stop", request);
	}

	/** @throws AgentCallError if the agent cannot be reached, does not answer in time, or refuses the call. */
	async #call<T>(path: string, body?: object): Promise<T> {
		const onTimeout = (): Error =>
			new AgentCallError(`the agent at ${this.#url} did not answer within ${timeoutMs} ms`);
		const headers = {
			...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
			...(body && { "content-type": "application/json" }),
		};
		return withDeadline({ ms: timeoutMs, signal: this.#signal, onTimeout }, async (signal) => {
			const init = {
				headers,
				signal,
				redirect: "error",
				...(body && { method: "POST", body: JSON.stringify(body) }),
			} as const;
			const response = await fetch(this.#url + path, init).catch(() => {
				throw new AgentCallError(`no agent can be reached at ${this.#url}. Is it running?`);
			});
			const reply: unknown = await response.json().catch(() => undefined);
			if (response.ok && isObject(reply)) {
				// The cast is safe: the answer follows the agent's OpenAPI specification, unless the agent is of another version.
				return reply as T;
			}
			throw new AgentCallError(
				`the agent at ${this.#url} refused the request: ${detailOf(reply) ?? `status ${response.status}`}`,
				response.status,
			);
		});
	}
}

function detailOf(reply: unknown): string | undefined {
	return isObject(reply) && typeof reply["detail"] === "string" ? reply["detail"] : undefined;
}
