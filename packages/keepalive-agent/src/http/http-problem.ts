import { STATUS_CODES } from "node:http";
import { sentence } from "@x/base/errors";
import type { components } from "../generated/schema.ts";

/** An HTTP error, sent to the caller as RFC 9457 problem details. */
export class Problem extends Error {
	override readonly name = "Problem";
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;

	/** @param detail - the explanation for the caller. It must not quote any part of the request that may be a secret. */
	constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
		super(sentence(detail));
		this.status = status;
		this.headers = headers;
	}

	get body(): components["schemas"]["Problem"] {
		const title = STATUS_CODES[this.status] ?? "Error";
		return { type: "about:blank", title, status: this.status, detail: this.message };
	}
}
