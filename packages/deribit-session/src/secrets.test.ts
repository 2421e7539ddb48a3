import { inspect } from "node:util";
import { DeribitVenue, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it } from "vitest";
import * as client from "./index.ts";
import { connectFake } from "./testing/fake-socket.ts";

const clientId = "planted-client-id";
const clientSecret = "planted-client-secret";
const planted = "planted-";

/**
 * Every text form in which a value can be printed: by `inspect`, as JSON, as a stack trace and after a structured
 * clone, each with all causes.
 */
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

/** The places where a venue error can quote a secret. */
const echoes: [string, (secret: string) => object][] = [
	["its message", (secret) => ({ code: 13004, message: `no ${secret} here` })],
	["its data as a text", (secret) => ({ code: 13004, data: `x${secret}x` })],
	["a value of its data", (secret) => ({ code: 13004, data: { reason: secret, param: `${secret}${secret}` } })],
	[
		"a name in its data",
		(secret) => ({ code: 13004, data: { [secret]: true, [`${secret}2`]: "x", nested: { deeper: secret } } }),
	],
];

describe("the package @x/deribit-session", () => {
	it("the package shows no secret when an exported value or its result is printed", async () => {
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
			await failure(http.request("private/logout" as never, {})),
		];
		const left = await connection.logout();
		// The session name is not a secret, and appears only in the granted scope.
		expect(granted.authScope).toContain("session:planted-session");
		const text = [...objects, ...errors, left, connection.ended.reason].map(shown).join("\n");
		for (const { accessToken, refreshToken } of [tokens, renewed].map((each) => each ?? expect.fail("no tokens"))) {
			for (const secret of [accessToken, refreshToken]) expect(text).not.toContain(secret);
		}
		expect(text.replaceAll("session:planted-session", "")).not.toContain(planted);
		link.close();
	});

	it("the package shows no secret when options or credentials are rejected", async () => {
		const address = "wss://planted-user:planted-password@www.deribit.com";
		const { connection } = await connectFake();
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

	it("the package shows no secret when the WebSocket class throws an error that quotes the URL", async () => {
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

	it("the package shows no secret when a request cannot be sent, is aborted or gets no reply", async () => {
		const { connection } = await connectFake({
			whenCreditsAreSpent: "refuse",
			credits: new client.DeribitCredits({ pool: 4_000, perSecond: 1e-3, jitterMs: 0 }),
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
			// The method name is no secret, so an error may contain it.
			expect(shown(error).replaceAll("public/planted-method", "")).not.toContain(planted);
		}
		expect(kinds).toEqual(["request", "request", "aborted", "request", "timeout", "credits", "closed"]);
	});

	it.each(echoes)("no secret is shown when a venue error in a later reply quotes a secret in %s", async (_, echo) => {
		const { connection, socket, unexpected } = await connectFake();
		const login = failure(connection.authenticate({ clientId, clientSecret }));
		const params = { access_token: "planted-token", refresh_token: "planted-refresh" };
		const call = failure(connection.call("private/x", params));
		const errors: unknown[] = [];
		for (const [id, secret] of [clientId, "planted-token"].entries())
			socket.receive({ id: id + 1, error: echo(secret) });
		errors.push(await login, await call);
		for (const secret of [clientId, clientSecret, "planted-token", "planted-refresh"]) {
			const later = failure(connection.request("public/test"));
			socket.receive({ id: socket.sent.at(-1)?.id, error: echo(secret) });
			socket.receive({ error: echo(secret) });
			socket.receive({ id: 1, error: echo(secret) });
			errors.push(await later);
		}
		await new Promise((resolve) => setImmediate(resolve));
		expect(unexpected).toHaveLength(8);
		for (const error of [...errors, ...unexpected]) expect(shown(error)).not.toContain(planted);
		for (const error of errors) expect(error).toMatchObject({ kind: "venue", venueCode: 13004 });
	});

	it("the package shows no secret when a reply does not match the spec or a frame cannot be read", async () => {
		const { connection, socket, unexpected } = await connectFake();
		const login = failure(connection.authenticate({ clientId, clientSecret }));
		socket.receive({
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
		socket.receive("planted-text");
		socket.receive({ method: "planted-method", params: { type: clientSecret } });
		socket.receive({ method: "heartbeat", params: { type: clientSecret } });
		socket.receive({ method: "subscription", params: { channel: 5, data: clientSecret } });
		socket.receive({ id: clientSecret, result: clientSecret });
		await new Promise((resolve) => setImmediate(resolve));
		expect(unexpected).toHaveLength(5);
		for (const each of [misread, ...unexpected]) expect(shown(each)).not.toContain(planted);
	});

	it("the package shows no secret when an HTTP response or a fetch error quotes a secret", async () => {
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
