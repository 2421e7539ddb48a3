import { generateKeyPairSync } from "node:crypto";
import { type Agent, request } from "node:http";
import { type KeeperOptions, keepalive } from "@x/keepalive";
import {
	type IbkrFault,
	IbkrVenue,
	type IbkrVenueOptions,
	Link,
	selfSignedCertificate,
	serve,
	type Venue,
} from "@x/venue-sims";
import type { IbkrConfig } from "../../config/config.ts";
import { type AgentSession, createSessions } from "../../config/create-session.ts";
import { onTestFinished } from "../../testing/on-test-finished.ts";
import { relayConfig } from "../relay-config.ts";
import { startRelay } from "../start-relay.ts";
import { botToken } from "./bot-client.ts";
import { tick } from "./start-deribit-relay.ts";

export interface IbkrStageOptions {
	readonly venue?: IbkrVenueOptions;
	/** The names of the bots. Default: one bot, `maker`. */
	readonly bots?: readonly string[];
	readonly session?: Partial<IbkrConfig>;
	readonly keeper?: KeeperOptions;
	/** If true, the session logs in by OAuth 2.0 instead of at a gateway. */
	readonly isOAuth?: boolean;
}

/** The options of a request from a bot. */
export interface Asked {
	/** The name of the bot. Default: `maker`. */
	readonly bot?: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: unknown;
	readonly agent?: Agent;
}

/** The response that a bot got. */
export interface Got {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly text: string;
	/** The body as parsed JSON; undefined if it is not JSON. */
	// biome-ignore lint/suspicious/noExplicitAny: tests compare it.
	readonly json: any;
}

/** An order far below the market, so that it stays open. */
export const limitOrder = {
	orders: [{ conid: 265598, side: "BUY", orderType: "LMT", price: 1, quantity: 1, tif: "DAY" }],
};

function oauth2Keys(): NonNullable<IbkrConfig["oauth2"]> {
	const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
	const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
	return { clientId: "planted-client", keyId: "main", privateKey: pem, credential: "planted-user", ip: "192.0.2.1" };
}

/**
 * Starts a gateway on 127.0.0.1 with a certificate of its own, and a keeper with a relay in this thread. Resolves once the session is
 * alive. The keeper, the relay and the gateway are closed at the end of the test.
 */
export async function startIbkrStage(options: IbkrStageOptions = {}) {
	const { bots = ["maker"] } = options;
	const venue = new IbkrVenue({
		accounts: ["DU1"],
		userName: "planted-user",
		loadMs: 0,
		...(options.isOAuth && { mode: "oauth2" as const }),
		...options.venue,
	});
	const urls: string[] = [];
	/** For each path whose replies are held back: a promise that settles when they are sent. */
	const held = new Map<string, Promise<void>>();
	const watched: Venue<IbkrFault> = {
		name: venue.name,
		faults: venue.faults,
		http: async (request) => {
			urls.push(request.url.pathname + request.url.search);
			const reply = venue.http(request);
			await held.get(request.url.pathname);
			return reply;
		},
		upgrade: (request) => venue.upgrade(request),
		orders: () => venue.orders(),
		close: () => venue.close(),
	};
	const link = new Link(watched);
	const certificate = await selfSignedCertificate();
	const served = await serve(link, options.isOAuth ? {} : { tls: certificate });
	const config: IbkrConfig = {
		venue: "ibkr",
		client: { baseUrl: `${served.http}/v1/api` },
		...(options.isOAuth ? { oauth2: oauth2Keys() } : { gateway: { ca: certificate.cert } }),
		...options.session,
	};
	const configs = { broker: config };
	const given = Object.fromEntries(bots.map((name) => [name, { token: botToken(name) }]));
	const relay = await startRelay(relayConfig({ port: 0, bots: given }, new Map([["broker", "ibkr"]])), configs);
	const sessions: readonly AgentSession[] = createSessions(configs, relay);
	relay.use(sessions);
	const keeper = keepalive(sessions, { backoff: { firstMs: 50, baseMs: 50 }, ...options.keeper });
	relay.watch(keeper);
	const { port } = relay.report(0);
	onTestFinished(async () => {
		await keeper.stop({ orders: "keep" });
		for (const session of sessions) session.release?.();
		await relay.close();
		await served.close();
	});
	const isAlive = (): boolean => keeper.current("broker").status.state === "alive";
	/** Waits until the session is alive. */
	const alive = async (): Promise<void> => {
		while (!isAlive()) await tick();
	};
	await alive();
	/** Sends a request with exactly this path, whereas `fetch` would normalise the path. */
	const raw = (method: string, path: string, { bot = "maker", headers, body, agent }: Asked = {}): Promise<Got> =>
		new Promise((resolve, reject) => {
			const text = body === undefined ? undefined : JSON.stringify(body);
			const login = `Basic ${Buffer.from(`${bot}:${botToken(bot)}`).toString("base64")}`;
			const sent = request(
				{
					host: "127.0.0.1",
					port,
					method,
					path,
					...(agent && { agent }),
					headers: {
						authorization: login,
						...(text !== undefined && {
							"content-type": "application/json",
							"content-length": Buffer.byteLength(text),
						}),
						...headers,
					},
				},
				(response) => {
					let got = "";
					response.setEncoding("utf8").on("data", (chunk: string) => {
						got += chunk;
					});
					response.on("end", () => {
						let json: unknown;
						try {
							json = JSON.parse(got);
						} catch {
							// The error is ignored, because not every answer is JSON.
						}
						resolve({ status: response.statusCode ?? 0, headers: response.headers, text: got, json });
					});
				},
			);
			sent.on("error", reject);
			sent.end(text);
		});
	return {
		venue,
		link,
		keeper,
		relay,
		port,
		/** The URLs of all requests that the venue has received, with their queries. */
		urls,
		sessions,
		isAlive,
		alive,
		raw,
		call: (method: string, path: string, asked?: Asked): Promise<Got> =>
			raw(method, `/ibkr/broker/v1/api${path}`, asked),
		/** Returns the calls to one path that the venue has received. */
		received: (path: string) => venue.received.filter((each) => each.path === `/v1/api${path}`),
		/** Holds back the replies to calls of one path, until the returned function is called. */
		holdReplies(path: string): () => void {
			const { promise, resolve } = Promise.withResolvers<void>();
			held.set(`/v1/api${path}`, promise);
			return resolve;
		},
		/** Returns the secrets in the gateway's own answer to a tickle: the id of the session, and the values of its cookies. */
		async venueSecrets(): Promise<{ readonly id: string; readonly cookies: readonly string[] }> {
			const client = sessions[0]?.botCalls?.client;
			if (!client?.fetch) throw new Error("the session has no gateway");
			const reply = await client.fetch(`${client.baseUrl}/tickle`, { method: "POST" });
			const cookies = reply.headers.getSetCookie().map((each) => each.split(/[=;]/)[1] ?? "");
			// The cast is safe: the simulator's answer has this member.
			const { session: id } = (await reply.json()) as { session: string };
			return { id, cookies };
		},
		counts: () => relay.report(0).counts,
	};
}
