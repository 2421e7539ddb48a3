import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeribitVenue, type DeribitVenueOptions } from "../deribit.ts";
import { Link } from "../network-link.ts";
import { BareClient, callHttp } from "./testing/bare-client.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const credentials = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

async function stage(options: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(options);
	const link = new Link(venue);
	links.push(link);
	const trigger = (fault: keyof typeof link.faults, args: Record<string, unknown> = {}): unknown =>
		link.faults[fault](args);
	return {
		venue,
		link,
		trigger,
		bare: await BareClient.open(link),
		open: () => BareClient.open(link),
		truth: () => venue.truth(),
		http: (path: string, init?: RequestInit) => callHttp(link, path, init),
	};
}

describe("tokens of the simulated Deribit", () => {
	it("public/auth fails with error 13004, without the member data, if the credentials are wrong or revoked", async () => {
		const { bare, trigger } = await stage();
		const { error } = (await bare.ask("public/auth", { ...credentials, client_secret: "no" })) as {
			error: Record<string, unknown>;
		};
		expect(error).toEqual({ code: 13004, message: "invalid_credentials" });
		trigger("revoke");
		expect(await bare.ask("public/auth", credentials)).toMatchObject({ error: { code: 13004 } });
	});

	it("tokens of a connection to DeribitVenue are valid for a year, tokens of a named session for 900 s or for the time that the login requested", async () => {
		const { bare } = await stage();
		const lifetime = async (scope: string) => {
			const { result } = (await bare.ask("public/auth", { ...credentials, scope })) as {
				result: Record<string, unknown>;
			};
			return result["expires_in"];
		};
		expect(await lifetime("connection")).toBe(31_536_000);
		expect(await lifetime("session:a")).toBe(900);
		expect(await lifetime("session:a expires:60")).toBe(60);
		await vi.advanceTimersByTimeAsync(50_000);
		await bare.ask("public/test");
		await vi.advanceTimersByTimeAsync(10_000);
		expect(await bare.ask("private/get_open_orders")).toMatchObject({ error: { code: 13009 } });
		expect(bare.closed).toBeUndefined();
	});

	it("a refresh token of a named session at DeribitVenue is refused with -32602 after another login to the same session", async () => {
		const { bare, open } = await stage();
		const login = { ...credentials, scope: "session:desk" };
		const { result } = (await bare.ask("public/auth", login)) as { result: { refresh_token: string } };
		await (await open()).ask("public/auth", login);
		const refresh = { grant_type: "refresh_token", refresh_token: result.refresh_token };
		expect(await bare.ask("public/auth", refresh)).toMatchObject({ error: { code: -32602 } });
	});

	it("the 17th named session at DeribitVenue ends the session that was refreshed longest ago", async () => {
		const { bare, truth } = await stage();
		for (let count = 1; count <= 17; count += 1) {
			await vi.advanceTimersByTimeAsync(10);
			await bare.ask("public/auth", { ...credentials, scope: `session:s${count}` });
		}
		expect(truth().sessions).toHaveLength(16);
		expect(truth().sessions).not.toContain("s1");
	});

	it("public/auth with client_signature accepts each nonce once, and a timestamp that is at most 60 s old", async () => {
		const { bare } = await stage();
		const signed = (timestamp: number, nonce: string) => ({
			grant_type: "client_signature",
			client_id: clientId,
			timestamp,
			nonce,
			data: "",
			signature: createHmac("sha256", clientSecret).update(`${timestamp}\n${nonce}\n`).digest("hex"),
		});
		const good = signed(Date.now(), "n1");
		expect(await bare.ask("public/auth", good)).toMatchObject({ result: { token_type: "bearer" } });
		expect(await bare.ask("public/auth", good)).toMatchObject({ error: { data: { param: "nonce" } } });
		expect(await bare.ask("public/auth", signed(Date.now() - 60_001, "n2"))).toMatchObject({ error: { code: 13004 } });
		expect(await bare.ask("public/auth", { ...good, nonce: "n3" })).toMatchObject({ error: { code: 13004 } });
	});
});

describe("tokens of an API key with a public key at the simulated Deribit", () => {
	const pair = { ed25519: generateKeyPairSync("ed25519"), rsa: generateKeyPairSync("rsa", { modulusLength: 2_048 }) };
	const hashOf = { ed25519: null, rsa: "sha256" } as const;
	const pem = (key: KeyObject): string => String(key.export({ type: "spki", format: "pem" }));
	const signed = (signatureOf: (text: string) => string, nonce: string) => {
		const timestamp = Date.now();
		const signature = signatureOf(`${timestamp}\n${nonce}\n`);
		return { grant_type: "client_signature", client_id: clientId, timestamp, nonce, data: "", signature };
	};

	it.each(["ed25519", "rsa"] as const)("public/auth accepts a signature with a private %s key", async (type) => {
		const { publicKey, privateKey } = pair[type];
		const { bare } = await stage({ publicKey: pem(publicKey) });
		for (const encoding of ["base64", "base64url"] as const) {
			const signature = (text: string) => sign(hashOf[type], Buffer.from(text), privateKey).toString(encoding);
			expect(await bare.ask("public/auth", signed(signature, encoding))).toHaveProperty("result");
		}
	});

	it.each<[string, (text: string) => string]>([
		[
			"by another private key",
			(text) => sign(null, Buffer.from(text), generateKeyPairSync("ed25519").privateKey).toString("base64"),
		],
		["by a key of another kind", (text) => sign("sha256", Buffer.from(text), pair.rsa.privateKey).toString("base64")],
		["over another text", (text) => sign(null, Buffer.from(`${text}x`), pair.ed25519.privateKey).toString("base64")],
		["by the default secret", (text) => createHmac("sha256", clientSecret).update(text).digest("hex")],
	])("public/auth with option publicKey refuses a signature %s with 13004", async (_, signature) => {
		const { bare } = await stage({ publicKey: pem(pair.ed25519.publicKey) });
		const { error } = await bare.ask("public/auth", signed(signature, "n1"));
		expect(error).toEqual({ code: 13004, message: "invalid_credentials" });
	});

	it("DeribitVenue with option publicKey refuses the default client secret with 13004, over WebSocket and HTTP", async () => {
		const { bare, http } = await stage({ publicKey: pem(pair.ed25519.publicKey) });
		expect(await bare.ask("public/auth", credentials)).toMatchObject({ error: { code: 13004 } });
		const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
		const call = http("/private/get_open_orders", { headers: { authorization } });
		expect(await call).toMatchObject({ status: 400, body: { error: { code: 13004 } } });
	});

	it.each([
		["an RSA key of 1024 bits", pem(generateKeyPairSync("rsa", { modulusLength: 1_024 }).publicKey)],
		["ec", pem(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey)],
		["other text", "x"],
	])("option publicKey of DeribitVenue cannot be %s", (found, publicKey) => {
		expect(() => new DeribitVenue({ publicKey })).toThrow(
			"@x/venue-sims: option publicKey must be an Ed25519 key, or an RSA key of at least 2048 bits, in PEM format, got " +
				`${found}.`,
		);
	});
});
