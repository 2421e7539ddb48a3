import { inspect } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createIbkrConsumer } from "./index.ts";
import { Desk } from "./testing/desk.ts";

let desk: Desk;

beforeEach(() => {
	desk = new Desk();
});

afterEach(() => desk.close());

it("keys that are exchanged are noticed before anything is sent", () => {
	const { signatureKey, encryptionKey } = Desk.keys;
	const exchanged = { signatureKey: encryptionKey, encryptionKey: signatureKey };
	expect(() => desk.user(exchanged)).toThrow(/signatureKey and encryptionKey are not swapped/);
	expect(desk.venue.received).toHaveLength(0);
});

it("the signature key signs: the encryption key in its place is refused", async () => {
	const user = desk.user({ signatureKey: Desk.keys.encryptionKey });
	await expect(user.liveSession()).rejects.toMatchObject({ venueCode: "invalid-consumer" });
});

it("the realm is limited_poa, and test_realm for the test consumer", async () => {
	desk.close();
	desk = new Desk({}, "test_realm");
	await expect(desk.user().liveSession()).rejects.toMatchObject({ venueCode: "invalid-consumer" });
	await desk.user({ realm: "test_realm" }).liveSession();
	const test = createIbkrConsumer({ ...Desk.keys, fetch: desk.fetch, consumerKey: "TESTCONS" });
	await expect(test.requestToken()).rejects.toMatchObject({ kind: "venue" });
	expect(desk.venue.received.at(-1)?.headers["authorization"]).toContain('realm="test_realm"');
});

it.each([
	["consumerKey", { consumerKey: 'planted"' }],
	["signatureKey", { signatureKey: "planted" }],
	["encryptionKey", { encryptionKey: Desk.signature.publicKey }],
	["dhParameters", { dhParameters: "abc123" }],
	["dhParameters", { dhParameters: "planted" }],
	["realm", { realm: "a b" }],
	["renewBeforeMs", { renewBeforeMs: -1 }],
])("options that are wrong are refused by name and not quoted: %s", (name, wrong) => {
	let thrown: unknown;
	try {
		createIbkrConsumer({ ...Desk.keys, ...wrong });
	} catch (error) {
		thrown = error;
	}
	expect(thrown).toMatchObject({ name: "OptionError", option: name, message: expect.stringContaining("must be") });
	expect(inspect(thrown)).not.toContain("planted");
});
