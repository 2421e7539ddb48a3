import { inspect } from "node:util";
import { DeribitVenue, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it } from "vitest";
import * as client from "./index.ts";
import { hold } from "./testing/held-socket.ts";

const clientId = "planted-client-id";
const clientSecret = "planted-client-secret";
const planted = "planted-";

/** Every way in which a value can come to be written down: printed, stringified, thrown, cloned, with all its causes. */
function shown(value: unknown): string {
	const parts = [
		inspect(value, { depth: null, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }),
	];
	parts.push(String(JSON.stringify(value)));
	for (let error = value; error instanceof Error; error = error.cause) {
		parts.push(error.message, String(error.stack), inspect(structuredClone(error)), JSON.stringify({ ...error }));
	}
	return parts.join("\n");
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
	work.then(
		() => expect.fail("it succeeded"),
		(error: unknown) => error,
	);
const thrownBy = (work: () => unknown): unknown => {
	try {
		work();
	} catch (error) {
		return error;
	}
	return expect.fail("it succeeded");
};

/** What a venue could send back of what it was sent, and in how many ways. */
const echoes: [string, (secret: string) => object][] = [
	["its message", (secret) => ({ code: 13004, message: `no ${secret} here` })],
	["its data as a text", (secret) => ({ code: 13004, data: `x${secret}x` })],
	["a value of its data", (secret) => ({ code: 13004, data: { reason: secret, param: `${secret}${secret}` } })],
	[
		"a name in its data",
		(secret) => ({ code: 13004, data: { [secret]: true, [`${secret}2`]: "x", nested: { deeper: secret } } }),
	],
];

describe("no secret is shown", () => {
	it("by anything this package exports, whatever it was given", async () => {
		const venue = new DeribitVenue({ clientId, clientSecret });
		const link = new Link(venue);
		const credits = new client.DeribitCredits();
		const sessionNames = new client.DeribitSessionNames();
		const WebSocket = memoryWebSocket(link);
		const connection = await client.connectDeribit({ WebSocket, credits, sessionNames });
		const credentials = { clientId, clientSecret, authScope: "session:planted-session account:read_write" };
		const granted = await connection.authenticate(credentials);
		const tokens = connection.tokens();
		const http = client.createDeribitHttp({ fetch: memoryFetch(link), accessToken: () => tokens?.accessToken });
		await connection.renew();
		const renewed = connection.tokens();
		const inUse = await client.connectDeribit({ WebSocket, sessionNames });
		const objects = [client, ...Object.values(client), connection, credits, sessionNames, http, inUse];
		const errors = [
			await failure(inUse.authenticate(credentials)),
			await failure(http.request("private/logout" as never)),
		];
		const left = await connection.logout();
		// The session's name is the program's own, and stands in the scope that the venue granted; nowhere else.
		expect(granted.authScope).toContain("session:planted-session");
		const text = [...objects, ...errors, left, connection.ended.reason].map(shown).join("\n");
		for (const { accessToken, refreshToken } of [tokens, renewed].map((each) => each ?? expect.fail("no tokens"))) {
			for (const secret of [accessToken, refreshToken]) expect(text).not.toContain(secret);
		}
		expect(text.replaceAll("session:planted-session", "")).not.toContain(planted);
		link.close();
	});

	it("by an error about options or credentials", async () => {
		const address = "wss://planted-user:planted-password@www.deribit.com";
		const { connection } = await hold();
		for (const error of [
			await failure(client.connectDeribit({ url: address })),
			await failure(client.connectDeribit({ url: "ws://www.deribit.com/?access_token=planted-token" })),
			await failure(client.connectDeribit(clientSecret as never)),
			await failure(connection.authenticate({ clientId, clientSecret: 5 } as never)),
			await failure(connection.authenticate({ clientId, clientSecret, grant: "planted-grant" } as never)),
			await failure(connection.authenticate(clientSecret as never)),
			thrownBy(() => client.createDeribitHttp({ accessToken: { token: clientSecret } } as never)),
			thrownBy(() => client.createDeribitHttp({ url: address })),
			thrownBy(() => new client.DeribitCredits(clientSecret as never)),
		]) {
			expect(error).toMatchObject({ name: "OptionError" });
			expect(shown(error)).not.toContain(planted);
		}
	});

	it("by the failure of a socket class that quotes its address", async () => {
		class Quoting {
			constructor(url: string) {
				throw new Error(`cannot open ${url}`, { cause: new Error(url) });
			}
		}
		const url = "wss://www.deribit.com/ws?access_token=planted-token&x=planted-too";
		const WebSocket = Quoting as unknown as typeof globalThis.WebSocket;
		const error = await failure(client.connectDeribit({ url, WebSocket }));
		expect(error).toMatchObject({ kind: "network", cause: { message: expect.stringContaining("cannot open") } });
		expect(shown(error)).not.toContain(planted);
	});

	it("by an error about a request that cannot be sent, was given up, or came to no end", async () => {
		const { connection } = await hold({
			whenCreditsAreSpent: "refuse",
			credits: new client.DeribitCredits({ pool: 4_000, perSecond: 1e-3 }),
		});
		const params = { access_token: "planted-token", note: "planted-note" };
		const circular: Record<string, unknown> = { ...params };
		circular["self"] = circular;
		const reason = new Error("planted-reason");
		const aborted = { signal: AbortSignal.abort(reason) };
		const kinds: unknown[] = [];
		for (const error of [
			await failure(connection.call("private/x", circular)),
			await failure(connection.call("private/x", { ...params, much: "x".repeat(40_000) })),
			await failure(connection.call("private/x", params, undefined, aborted)),
			await failure(connection.call("public/planted-method", params)),
			await failure(connection.call("private/buy", params, undefined, { timeoutMs: 1 })),
			await failure(connection.call("private/x", params)),
			await failure(Promise.all([connection.call("private/sell", params), connection.disconnect()])),
		]) {
			kinds.push((error as client.DeribitError).kind);
			// A method's name is the program's own.
			expect(shown(error).replaceAll("public/planted-method", "")).not.toContain(planted);
		}
		expect(kinds).toEqual(["request", "request", "aborted", "request", "timeout", "credits", "closed"]);
	});

	it.each(echoes)("by a refusal that quotes it in %s, now or later, to its own call or to none", async (_, echo) => {
		const { connection, socket, strange } = await hold();
		const login = failure(connection.authenticate({ clientId, clientSecret }));
		const params = { access_token: "planted-token", refresh_token: "planted-refresh" };
		const call = failure(connection.call("private/x", params));
		const errors: unknown[] = [];
		for (const [id, secret] of [clientId, "planted-token"].entries()) socket.hear({ id: id + 1, error: echo(secret) });
		errors.push(await login, await call);
		for (const secret of [clientId, clientSecret, "planted-token", "planted-refresh"]) {
			const later = failure(connection.request("public/test"));
			socket.hear({ id: socket.sent.at(-1)?.id, error: echo(secret) });
			socket.hear({ error: echo(secret) });
			socket.hear({ id: 1, error: echo(secret) });
			errors.push(await later);
		}
		await new Promise((resolve) => setImmediate(resolve));
		expect(strange).toHaveLength(8);
		for (const error of [...errors, ...strange]) expect(shown(error)).not.toContain(planted);
		for (const error of errors) expect(error).toMatchObject({ kind: "venue", venueCode: 13004 });
	});

	it("by an answer that is not as the spec says, or by frames that cannot be read", async () => {
		const { connection, socket, strange } = await hold();
		const login = failure(connection.authenticate({ clientId, clientSecret }));
		socket.hear({
			id: 1,
			result: {
				access_token: 5,
				expires_in: 1,
				refresh_token: "planted-refresh",
				scope: clientSecret,
				token_type: "x",
			},
		});
		const misread = await login;
		expect(misread).toMatchObject({ kind: "reply", path: "/result/access_token" });
		socket.hear("planted-text");
		socket.hear({ method: "planted-method", params: { type: clientSecret } });
		socket.hear({ method: "heartbeat", params: { type: clientSecret } });
		socket.hear({ method: "subscription", params: { channel: 5, data: clientSecret } });
		socket.hear({ id: clientSecret, result: clientSecret });
		await new Promise((resolve) => setImmediate(resolve));
		expect(strange).toHaveLength(5);
		for (const each of [misread, ...strange]) expect(shown(each)).not.toContain(planted);
	});

	it("by an HTTP answer that quotes it, or by a fetch that fails with it", async () => {
		const login = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret } as const;
		const answers: (() => Response)[] = [
			...echoes.map(
				([, echo]) =>
					() =>
						Response.json({ error: echo(clientSecret) }, { status: 400 }),
			),
			() => new Response(`<html>${clientSecret}</html>`, { status: 502 }),
			() => Response.json({ result: { access_token: clientSecret } }),
			() => {
				throw new TypeError(`fetch failed for ${clientSecret}`, {
					cause: new Error(`at planted-token ${clientSecret}`),
				});
			},
		];
		for (const answer of answers) {
			const http = client.createDeribitHttp({ accessToken: "planted-token", fetch: async () => answer() });
			const error = await failure(http.request("public/auth", login));
			expect(client.isDeribitError(error)).toBe(true);
			expect(shown(error)).not.toContain(planted);
			expect(shown(http)).not.toContain(planted);
		}
	});
});
