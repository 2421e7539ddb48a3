import { request } from "node:https";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RawData, WebSocket } from "ws";
import { type BybitFault, BybitVenue } from "./bybit.ts";
import { selfSignedCertificate } from "./certificate.ts";
import { serveControl } from "./control-server.ts";
import { type DeribitFault, DeribitVenue } from "./deribit.ts";
import { type IbkrFault, IbkrVenue } from "./ibkr.ts";
import { Link, type NetworkFault } from "./network-link.ts";
import { type Served, serve } from "./serve-venue.ts";
import type { Venue } from "./venue.ts";

/** The expected effect of a fault that is triggered over the control server, while a client is connected over a real socket. */
interface Expected {
	/** The arguments of the fault. */
	args?: Record<string, unknown>;
	/**
	 * The expected effect on a WebSocket that was open before the fault: its close code, or a pattern of a frame that it receives. Default:
	 * not checked.
	 */
	sees?: number | RegExp;
	/** The fault to trigger afterwards, so that the venue accepts a new WebSocket again. Default: none is needed. */
	undo?: [name: string, args: Record<string, unknown>];
	/** The expected HTTP status. 422 for a fault that throws with these arguments. Default: 200. */
	status?: 422;
}

type Table<Fault extends string> = Readonly<Record<Fault, Expected>>;

const network: Table<NetworkFault> = {
	drop: { sees: 1006 },
	halfOpen: {},
	partition: { undo: ["heal", {}] },
	heal: {},
};

const deribit: Table<DeribitFault> = {
	place: { status: 422 },
	fill: { status: 422 },
	cancel: { status: 422 },
	triggerStop: { status: 422 },
	suppressAnswers: { undo: ["suppressAnswers", { on: false }] },
	refuse: { args: { code: 11042 } },
	failArming: {},
	ignoreArming: {},
	disarmAll: {},
	maintenance: { sees: 1001, undo: ["maintenance", { on: false }] },
	announceMaintenance: { sees: /"platform_state"/ },
	revoke: {},
	skew: { args: { ms: 5 } },
	voidTokens: {},
	spendRefreshTokens: {},
	rateLimit: {},
	truth: {},
};

const needsConsumer: Expected = { status: 422 };
const ibkr: Table<IbkrFault> = {
	place: {},
	fill: { args: { orderId: "none" }, status: 422 },
	cancel: { args: { orderId: "none" }, status: 422 },
	compete: { args: { forMs: 1 } },
	leave: {},
	idle: {},
	login: {},
	expireSso: {},
	reset: { args: { forMs: 1 } },
	restart: { args: { forMs: 50 }, sees: 1006 },
	penalty: { args: { forMs: 1 } },
	answer: { args: { status: 503, times: 1 } },
	oddTickle: { args: { as: "empty-401" } },
	validateFalse: { args: { on: true } },
	sendFrame: { args: { text: "hello" }, sees: /^hello$/ },
	truth: {},
	issue: needsConsumer,
	consent: needsConsumer,
	revoke: needsConsumer,
	wrongProof: needsConsumer,
	liveSessionToken: needsConsumer,
};

const bybit: Table<BybitFault> = {
	place: { args: { product: "SPOT" } },
	fill: { args: { orderId: "none" }, status: 422 },
	cancel: { status: 422 },
	truth: {},
	received: {},
	entitle: { args: { product: "SPOT", enabled: false } },
	setWindow: { args: { product: "SPOT", seconds: 10 } },
	skew: { args: { ms: 5 } },
	ban: { args: { forMs: 1 } },
	geoBlock: { args: { on: true }, undo: ["geoBlock", { on: false }] },
	withhold: { args: { pong: true } },
	refuse: { args: { auth: "no" } },
	force: { args: { status: 503 } },
	ignoreSet: { args: { on: true } },
	sendFrame: { args: { text: "hello" }, sees: /^hello$/ },
	hangUp: { args: { code: 4001, reason: "told to" }, sees: 4001 },
	reset: { sees: 1006 },
	loseTopics: {},
};

const venues: Readonly<
	Record<string, { create: () => Venue; path: string; greeting?: string; table: Readonly<Record<string, Expected>> }>
> = {
	deribit: {
		create: () => new DeribitVenue(),
		path: "/ws/api/v2",
		greeting: JSON.stringify({ id: 1, method: "public/subscribe", params: { channels: ["platform_state"] } }),
		table: { ...network, ...deribit },
	},
	ibkr: { create: () => new IbkrVenue(), path: "/v1/api/ws", table: { ...network, ...ibkr } },
	bybit: { create: () => new BybitVenue(), path: "/v5/private", table: { ...network, ...bybit } },
};

const certificate = selfSignedCertificate();
const warnings: Error[] = [];
const onWarning = (warning: Error): void => void warnings.push(warning);
const servers: Pick<Served, "close">[] = [];
const sockets: WebSocket[] = [];

beforeEach(() => {
	warnings.length = 0;
	process.on("warning", onWarning);
});
afterEach(async () => {
	for (const socket of sockets.splice(0)) socket.terminate();
	for (const server of servers.splice(0)) await server.close();
	process.off("warning", onWarning);
});

/** Opens a WebSocket, and retries while the venue refuses it. */
async function connect(url: string, ca: string | undefined): Promise<WebSocket> {
	for (;;) {
		const socket = new WebSocket(url, ca === undefined ? {} : { ca });
		sockets.push(socket);
		const isOpen = await new Promise<boolean>((resolve) => {
			socket.on("open", () => resolve(true));
			socket.on("error", () => resolve(false));
		});
		if (isOpen) return socket;
	}
}

describe.each(Object.keys(venues))("faults of %s, triggered over the control server", (name) => {
	const { create, path, greeting, table } = venues[name] ?? { create: () => new DeribitVenue(), path: "/", table: {} };
	const cases = Object.entries(table).flatMap(([fault, expected]) =>
		["TCP", "TLS"].map((transport) => [fault, transport, expected] as const),
	);

	it.each(cases)("fault %s takes effect over %s, and a new client can connect", async (fault, transport, expected) => {
		const tls = transport === "TLS" ? await certificate : undefined;
		const link = new Link(create());
		const served = await serve(link, tls ? { tls } : {});
		const control = await serveControl([link]);
		servers.push(served, control);
		const socket = await connect(served.ws + path, tls?.cert);
		const frames: string[] = [];
		const closes: number[] = [];
		// The cast is safe: without `binaryType`, ws delivers each message as one buffer.
		socket.on("message", (data: RawData) => frames.push((data as Buffer).toString("utf8")));
		socket.on("close", (code) => closes.push(code));
		if (greeting !== undefined) {
			socket.send(greeting);
			await expect.poll(() => frames.length).toBeGreaterThan(0);
		}

		const trigger = async (what: string, args: Record<string, unknown> = {}): Promise<number> => {
			const headers = { "content-type": "application/json" };
			const url = `${control.url}/${name}/${what}`;
			const reply = await fetch(url, { method: "POST", headers, body: JSON.stringify(args) });
			await reply.text();
			return reply.status;
		};
		expect(await trigger(fault, expected.args)).toBe(expected.status ?? 200);
		const { sees, undo } = expected;
		if (typeof sees === "number") await expect.poll(() => closes).toEqual([sees]);
		if (sees instanceof RegExp) await expect.poll(() => frames.at(-1)).toMatch(sees);
		if (undo) expect(await trigger(...undo)).toBe(200);
		await connect(served.ws + path, tls?.cert);
		expect(warnings).toEqual([]);
	});

	it("every fault of the venue is in this test's table of expected effects", () => {
		const link = new Link(create());
		expect(Object.keys(link.faults).sort()).toEqual(Object.keys(table).sort());
		link.close();
	});
});

it("IbkrVenue fault restart over TLS reaches the client as a TCP reset, for a request and for a WebSocket handshake", async () => {
	const { key, cert } = await certificate;
	const link = new Link(new IbkrVenue());
	const served = await serve(link, { tls: { key, cert } });
	servers.push(served);
	link.faults.restart({ forMs: 60_000 });
	const url = served.ws.replace("wss", "https");
	const codes = await Promise.all(
		[{}, { connection: "upgrade", upgrade: "websocket" }].map(
			(headers) =>
				new Promise((resolve) => {
					const sent = request(`${url}/v1/api/tickle`, { ca: cert, headers: { "user-agent": "test", ...headers } });
					sent.on("error", (error) => resolve("code" in error && error.code));
					sent.on("response", (response) => resolve(response.statusCode));
					sent.end();
				}),
		),
	);
	expect(codes).toEqual(["ECONNRESET", "ECONNRESET"]);
});
