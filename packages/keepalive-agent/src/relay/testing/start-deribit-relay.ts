import { type KeeperOptions, keepalive } from "@x/keepalive";
import { DeribitVenue, type DeribitVenueOptions, Link, serve } from "@x/venue-sims";
import type { DeribitConfig } from "../../config/config.ts";
import { type AgentSession, createSessions } from "../../config/create-session.ts";
import type { BotConfig } from "../relay-config.ts";
import { relayConfig } from "../relay-config.ts";
import { startRelay } from "../start-relay.ts";
import { BotClient, botToken } from "./bot-client.ts";
import { recordFrames } from "./recording-proxy.ts";

export interface StageOptions {
	readonly venue?: DeribitVenueOptions;
	/** The options of each bot, by name. Default: one bot, `maker`. */
	readonly bots?: Readonly<Record<string, Partial<BotConfig>>>;
	readonly orderRate?: { readonly perSecond: number; readonly burst: number };
	readonly session?: Partial<DeribitConfig>;
	/** The name of another session with the same options. */
	readonly second?: string;
	readonly keeper?: KeeperOptions;
	/** If true, the frames between the keeper and the venue are recorded. */
	readonly records?: boolean;
}

/** Starts a simulated venue on 127.0.0.1, and a keeper with a relay in this thread. */
export async function startStage(options: StageOptions = {}) {
	const { bots = { maker: {} }, orderRate = { perSecond: 10_000, burst: 10_000 } } = options;
	const credentials = { clientId: "planted-venue-id", clientSecret: "planted-venue-secret" };
	const venue = new DeribitVenue({ ...credentials, ...options.venue });
	const link = new Link(venue);
	const served = await serve(link);
	const recorder = await recordFrames(`${served.ws}/ws/api/v2`);
	const config: DeribitConfig = {
		venue: "deribit",
		client: { url: options.records ? recorder.url : `${served.ws}/ws/api/v2`, credentials },
		...options.session,
	};
	const configs = { hedge: config, ...(options.second !== undefined && { [options.second]: config }) };
	const withTokens = Object.entries(bots).map(([name, bot]) => [name, { token: botToken(name), ...bot }]);
	const relayed = new Map(Object.keys(configs).map((name) => [name, "deribit"] as const));
	const relay = await startRelay(
		relayConfig({ port: 0, orderRate, bots: Object.fromEntries(withTokens) }, relayed),
		configs,
	);
	const sessions: readonly AgentSession[] = createSessions(configs, relay);
	relay.use(sessions);
	const keeper = keepalive(sessions, { backoff: { firstMs: 50, baseMs: 50 }, ...options.keeper });
	const { port } = relay.report(0);
	const ws = `ws://127.0.0.1:${port}/deribit/hedge/ws/api/v2`;
	const clients: BotClient[] = [];
	return {
		venue,
		link,
		recorder,
		keeper,
		relay,
		ws,
		http: `http://127.0.0.1:${port}/deribit/hedge/api/v2`,
		/** The URL of the venue itself, without the relay. */
		direct: `${served.ws}/ws/api/v2`,
		/** Waits until the session is armed. */
		async armed(): Promise<void> {
			while (!keeper.isArmed("hedge")) await tick();
		},
		/** Opens a WebSocket of a bot, once the session is armed. */
		async connect(headers?: Record<string, string>, url = ws): Promise<BotClient> {
			while (!keeper.isArmed("hedge")) await tick();
			const client = await BotClient.open(url, headers);
			clients.push(client);
			return client;
		},
		/** Returns the open orders at the venue. */
		openOrders: () => venue.orders().filter(({ state }) => state === "open"),
		events: () => relay.report(0).events.map(({ event }) => event),
		async close(): Promise<void> {
			for (const client of clients) client.socket.terminate();
			await keeper.stop({ orders: "keep" });
			await relay.close();
			recorder.close();
			await served.close();
		},
	};
}

export const tick = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `holds` returns true. */
export async function until(holds: () => boolean): Promise<void> {
	while (!holds()) await tick();
}
