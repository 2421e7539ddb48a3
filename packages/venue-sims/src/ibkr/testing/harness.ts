import { afterEach, beforeEach, expect, vi } from "vitest";
import { type IbkrFault, IbkrVenue, type IbkrVenueOptions } from "../../ibkr.ts";
import { Link, type NetworkFault } from "../../network-link.ts";
import type { WireReply, WireRequest } from "../../venue.ts";

/** The parts of a test request other than its method and path. */
export interface RequestParts {
	readonly body?: string;
	readonly headers?: Record<string, string>;
	readonly from?: string;
}

/** A simulated venue for tests with a fake clock, called over HTTP. */
export class Harness {
	readonly venue: IbkrVenue;
	readonly link: Link<IbkrFault>;

	constructor(options: IbkrVenueOptions = {}) {
		this.venue = new IbkrVenue(options);
		this.link = new Link(this.venue);
		openLinks.push(this.link);
	}

	trigger(fault: IbkrFault | NetworkFault, args: Record<string, unknown> = {}): unknown {
		return this.link.faults[fault](args);
	}

	async ask(method: string, path: string, { body = "", headers, from = "192.0.2.1" }: RequestParts = {}) {
		const length = method === "POST" ? { "content-length": String(body.length) } : {};
		const fullPath = /^\/(oauth2|gw|v1)\//.test(path) ? path : `/v1/api${path}`;
		const request: WireRequest = {
			method,
			url: new URL(fullPath, "https://localhost:5000"),
			headers: headers ?? { "user-agent": "test", ...length },
			body,
			remoteAddress: from,
		};
		const reply: WireReply = await this.link.http(request);
		if (reply.kind !== "reply") throw new Error(reply.kind);
		const text = reply.body ?? "";
		return { status: reply.status, text, headers: reply.headers ?? {}, json: () => JSON.parse(text) as unknown };
	}

	init(compete: boolean) {
		return this.ask("POST", "/iserver/auth/ssodh/init", { body: JSON.stringify({ publish: true, compete }) });
	}
}

const openLinks: Link[] = [];

/**
 * Uses a fake clock for each test of the file. After each test, closes every venue and expects that no timers remain.
 */
export function useFakeClock(): void {
	beforeEach(() => {
		vi.useFakeTimers();
	});
	afterEach(() => {
		for (const link of openLinks.splice(0)) link.close();
		expect(vi.getTimerCount()).toBe(0);
		vi.useRealTimers();
	});
}
