import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { BybitVenue, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, describe, expect, it } from "vitest";
import { createBybitSigner } from "./auth/signer.ts";
import { createBybitHttp } from "./http/http-client.ts";
import * as exported from "./index.ts";
import { redactor } from "./redact.ts";
import { connectBybit } from "./socket/connect.ts";

const apiKey = "planted-key-1234567890";
const apiSecret = "planted-secret-0987654321";
const closers: (() => void)[] = [];

function start() {
	const venue = new BybitVenue({ apiKey, apiSecret });
	const link = new Link(venue);
	closers.push(() => link.close());
	return { venue, link, fetch: memoryFetch(link), WebSocket: memoryWebSocket(link) };
}

/** Every text form in which a value could be printed. */
function printed(value: unknown): string {
	const stack = value instanceof Error ? `${value.stack} ${value.message}` : "";
	const json = JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? String(member) : member));
	return `${inspect(value, { depth: 10, showHidden: true })} ${stack} ${json}`;
}

function expectClean(value: unknown): void {
	const text = printed(value);
	expect(text).not.toContain("planted");
	expect(text).not.toMatch(/[0-9a-f]{64}/);
}

afterEach(() => {
	for (const close of closers.splice(0)) close();
});

describe("keys, secrets and signatures", () => {
	it("keys, secrets and signatures are not shown when a client or a connection is printed", async () => {
		const { fetch, WebSocket } = start();
		const http = createBybitHttp({ apiKey, apiSecret, fetch });
		await http.queryDcp();
		expectClean(http);
		const socket = await connectBybit({ apiKey, apiSecret, WebSocket });
		await socket.ping();
		expectClean(socket);
		await socket.close();
		expectClean(socket.ended.reason);
	});

	it("keys, secrets and signatures are not shown by the error for code 10004, although the venue's text quotes the request", async () => {
		const { fetch } = start();
		const http = createBybitHttp({ apiKey, apiSecret: "planted-another", fetch });
		const error = await http.queryDcp().catch((reason: unknown) => reason);
		expect(error).toMatchObject({ kind: "signature", venueMessage: expect.stringContaining("origin_string[") });
		expectClean(error);
	});

	it("keys, secrets and signatures are not shown by the error of a reply that quotes them", async () => {
		const { venue, fetch, WebSocket } = start();
		const http = createBybitHttp({ apiKey, apiSecret, fetch });
		const signature = "ab".repeat(32);
		for (const force of [
			{ retCode: 10001, retMsg: `params error: ${apiKey} ${signature}` },
			{ status: 502, body: `<html>${apiKey} ${signature}</html>` },
			{ body: `{"retCode":0,"result":{"dcpInfos":["${apiKey}"]}}` },
			{ body: `nothing ${apiSecret}` },
		]) {
			venue.faults["force"]?.(force);
			expectClean(await http.queryDcp().catch((reason: unknown) => reason));
		}
		venue.faults["refuse"]?.({ auth: `bad ${apiKey} ${signature}` });
		expectClean(await connectBybit({ apiKey, apiSecret, WebSocket }).catch((reason: unknown) => reason));
		venue.faults["refuse"]?.({ auth: null, subscribe: `bad ${apiKey}` });
		const socket = await connectBybit({ apiKey, apiSecret, WebSocket });
		expectClean(await socket.subscribeDcp("SPOT").catch((reason: unknown) => reason));
	});

	it("keys, secrets and signatures are not shown when the option fetch, signer or WebSocket throws an error that holds them", async () => {
		const fetch: typeof globalThis.fetch = (input, init) => {
			const headers = Object.fromEntries(new Headers(init?.headers));
			throw Object.assign(new Error(`cannot reach ${String(input)} with ${JSON.stringify(headers)}`), { init });
		};
		expectClean(
			await createBybitHttp({ apiKey, apiSecret, fetch })
				.queryDcp()
				.catch((reason: unknown) => reason),
		);
		const { WebSocket } = start();
		// The client does not know the secret with which a signer signs, so it cannot remove that secret from a text.
		const secretOfSigner = "planted/secret+of/the+signer";
		class PlantedError extends Error {
			override readonly name = secretOfSigner;
			readonly key = secretOfSigner;
		}
		for (const thrown of [
			new Error(`cannot sign with ${secretOfSigner}`, { cause: new Error(secretOfSigner) }),
			new PlantedError(secretOfSigner),
			new exported.BybitError("signer", secretOfSigner, { cause: secretOfSigner }),
			new exported.OptionError("my-vault", secretOfSigner, secretOfSigner),
			secretOfSigner,
			{ toString: () => secretOfSigner, secretOfSigner },
		]) {
			const signer = (): never => {
				throw thrown;
			};
			for (const call of [
				createBybitHttp({ apiKey, signer }).queryDcp(),
				connectBybit({ apiKey, signer, WebSocket }),
				connectBybit({ apiKey, signer: async () => signer(), WebSocket }),
			]) {
				const error = await call.catch((reason: unknown) => reason);
				expect(error).toMatchObject({ kind: "signer", todo: expect.stringMatching(/log it in the signer/) });
				expect(error).not.toHaveProperty("cause");
				expectClean(error);
			}
		}
		class Broken extends WebSocket {
			override send(data: string): void {
				throw new Error(`cannot send ${data}`);
			}
		}
		expectClean(await connectBybit({ apiKey, apiSecret, WebSocket: Broken }).catch((reason: unknown) => reason));
	});
});

it("no value that an export of the package returns shows an API key, a secret or a signature", async () => {
	const { fetch, WebSocket, venue } = start();
	const key = { apiKey, apiSecret };
	const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
	const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
	const http = createBybitHttp({ ...key, fetch });
	const wrong = new exported.BybitError("signature", "text", { cause: new Error("text") });
	const used: Record<keyof typeof exported, () => unknown> = {
		BybitError: () => wrong,
		OptionError: () => new exported.OptionError("package", "option", "problem"),
		isOptionError: () => exported.isOptionError(wrong),
		isBybitError: () => exported.isBybitError(wrong),
		connectBybit: async () => {
			const socket = await connectBybit({ ...key, WebSocket });
			const made = [await socket.subscribeDcp("SPOT"), await socket.ping(), socket.ended, socket.topics];
			const failed = await socket.subscribe(apiSecret).catch((error: unknown) => error);
			return [socket, made, failed, await socket.close(), socket.ended.reason];
		},
		checkBybitHttpOptions: () => exported.checkBybitHttpOptions({ ...key, fetch }),
		checkBybitSocketOptions: () => exported.checkBybitSocketOptions({ ...key, WebSocket }),
		createBybitHttp: async () => {
			await http.setDcp({ product: "SPOT", windowSeconds: 10 });
			const lists = [await http.openOrders({ category: "spot" }), await http.orderHistory({ category: "spot" })];
			return [http, lists, await http.queryDcp(), http.skew, http.serverNow(), http.bannedMs];
		},
		createBybitSigner: async () => {
			const signers = [createBybitSigner(apiSecret), createBybitSigner(pem)];
			for (const sign of signers) await sign("text");
			return signers;
		},
		bybitHistoryListsOf: () => exported.bybitHistoryListsOf("DERIVATIVES"),
		bybitOpenOrderListsOf: () => exported.bybitOpenOrderListsOf("DERIVATIVES"),
		isBybitProduct: () => exported.isBybitProduct(apiSecret),
		bybitTopicOf: () => exported.bybitTopicOf("SPOT"),
		bybitProducts: () => exported.bybitProducts,
		bybitHosts: () => exported.bybitHosts,
		bybitUrlsOf: () => exported.bybitUrlsOf({ restUrl: "https://api.bybit.kz" }),
	};
	expect(Object.keys(used).sort()).toEqual(Object.keys(exported).sort());
	for (const [name, use] of Object.entries(used)) {
		const shown = printed(await use());
		expect([name, shown]).toEqual([name, expect.not.stringMatching(/planted|[0-9a-f]{64}/)]);
		expect(shown).not.toContain(pem.slice(40, 80));
	}
	expectClean(exported);
	expect(venue.truth().SPOT.state).not.toBe("not-enabled");
});

it("an OptionError does not quote a key, a secret or a PEM", async () => {
	for (const settings of [
		{ apiKey: `${apiKey}\n` },
		{ callTimeoutMs: Number.NaN },
		{ apiSecret: [apiSecret] },
		{ restUrl: `https://me:${apiSecret}@host` },
	]) {
		const make = () => createBybitHttp({ apiKey, apiSecret, ...settings } as never);
		expect(make).toThrow(/option/);
		expect(make).not.toThrow(/planted/);
	}
	const pem = "-----BEGIN PRIVATE KEY-----\nplanted!\n-----END PRIVATE KEY-----";
	expect(() => createBybitHttp({ apiKey, apiSecret: pem })).not.toThrow(/planted/);
});

describe("redactor", () => {
	it("redactor() removes the longest secret first, removes HMAC and RSA signatures, and shortens long texts", () => {
		const redact = redactor(["key", "key-and-more", undefined, ""]);
		expect(redact("a key-and-more b key")).toBe("a [secret] b [secret]");
		expect(redact(`x ${"0F".repeat(32)} ${"Ab+/".repeat(80)}== y`)).toBe("x [signature] [signature] y");
		expect(redact("ä ".repeat(400))).toHaveLength(301);
	});

	it("redactor() removes the beginning of a secret from the end of a text that was cut off", async () => {
		expect(redactor(["planted-secret"])("body planted-sec")).toBe("body [secret]");
		expect(redactor(["planted-secret"])("a plan, a plant")).toBe("a plan, a [secret]");
		for (let padding = 0; padding < 100; padding += 1) {
			const body = `<html>${"x".repeat(padding)}${apiSecret}`;
			for (const cut of [body, body.slice(0, -5)]) {
				const http = createBybitHttp({ apiKey, apiSecret, fetch: async () => new Response(cut, { status: 503 }) });
				expectClean(await http.queryDcp().catch((error: unknown) => error));
			}
		}
	});
});
