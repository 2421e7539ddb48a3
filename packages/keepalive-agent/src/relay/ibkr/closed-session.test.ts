import { expect, it, onTestFinished } from "vitest";
import { relayConfig } from "../relay-config.ts";
import { RelayLog } from "../relay-log.ts";
import { BotClient, botToken } from "../testing/bot-client.ts";
import { until } from "../testing/start-deribit-relay.ts";
import { startIbkrStage } from "../testing/start-ibkr-relay.ts";
import { IbkrRelay } from "./ibkr-relay.ts";

/** Starts a session with OAuth, in which a call of a bot could create a new token. */
async function start() {
	const stage = await startIbkrStage({ isOAuth: true });
	const botCalls = stage.sessions[0]?.botCalls;
	if (!botCalls?.client.authorize) throw new Error("it is no session with OAuth");
	return { ...stage, botCalls };
}

it("the relay neither sends nor signs again a call that is signed already if the session was closed while the call waited", async () => {
	const { botCalls, keeper, venue } = await start();
	const { authorize, pacing } = botCalls.client;
	let isOpen = true;
	const signedWhileOpen: boolean[] = [];
	const client: typeof botCalls.client = {
		...botCalls.client,
		authorize: (request) => {
			signedWhileOpen.push(isOpen);
			return authorize?.(request) ?? {};
		},
		pacing: {
			tryAcquire(call, maxWaitMs) {
				const found = pacing.tryAcquire(call, maxWaitMs);
				if (!found.acquired) return found;
				// Makes the call wait once more, as if another call had been sent during a slow `authorize`.
				const start = (): number => {
					if (!isOpen) return found.start();
					isOpen = false;
					return 1;
				};
				return { ...found, start };
			},
		},
	};
	const session = {
		name: "broker",
		botCalls: { ...botCalls, client },
		get isOpen() {
			return isOpen;
		},
		current: () => keeper.current("broker"),
		check: async () => false,
	};
	const config = relayConfig({ bots: { maker: { token: botToken("maker") } } }, new Map([["broker", "ibkr"]]));
	const relay = new IbkrRelay(session, config, new RelayLog());
	const bot = relay.bots.byLocalToken(botToken("maker"));
	if (!bot) throw new Error("there is no such bot");
	const before = venue.received.length;
	const call = { bot, method: "GET", path: "/portfolio/accounts", query: "", body: Buffer.alloc(0) };
	const answer = await relay.answer({ ...call, contentType: undefined, signal: new AbortController().signal });
	expect(answer).toMatchObject({ status: 503, body: expect.stringContaining("the session is not open") });
	expect(signedWhileOpen).toEqual([true]);
	expect(venue.received).toHaveLength(before);
});

it("the relay gives a WebSocket no token if the session was closed while IBKR was asked for the session id", async () => {
	const { venue, link, keeper, port } = await start();
	const answerHttp = link.http.bind(link);
	const asked: (() => void)[] = [];
	link.http = async (request) => {
		const reply = await answerHttp(request);
		if (request.url.pathname.endsWith("/tickle")) await new Promise<void>((resolve) => asked.push(resolve));
		return reply;
	};
	const authorization = `Basic ${Buffer.from(`maker:${botToken("maker")}`).toString("base64")}`;
	const bot = await BotClient.open(`ws://127.0.0.1:${port}/ibkr/broker/v1/api/ws`, { authorization });
	onTestFinished(() => bot.socket.terminate());
	await until(() => asked.length > 0);
	await keeper.stop({ orders: "keep" });
	for (const answer of asked) answer();
	const end = await Promise.race([bot.closed, bot.frame(() => true)]);
	expect(end).toEqual({ code: 1013, reason: "the relay could not open a WebSocket at IBKR" });
	expect(venue.truth().sockets).toBe(0);
});
