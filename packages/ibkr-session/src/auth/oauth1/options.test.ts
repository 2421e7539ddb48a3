import { inspect } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createIbkrConsumer } from "./index.ts";
import { OAuth1Harness } from "./testing/oauth1-test-venue.ts";

let harness: OAuth1Harness;

beforeEach(() => {
	harness = new OAuth1Harness();
});

afterEach(() => harness.close());

it("consumer.user() throws before anything is sent when the signature key and the encryption key are swapped", () => {
	const { signatureKey, encryptionKey } = OAuth1Harness.keys;
	const exchanged = { signatureKey: encryptionKey, encryptionKey: signatureKey };
	expect(() => harness.user(exchanged)).toThrow(/signatureKey and encryptionKey are not swapped/);
	expect(harness.venue.received).toHaveLength(0);
});

it("the simulator of IBKR refuses a signature that was made with the encryption key", async () => {
	const user = harness.user({ signatureKey: OAuth1Harness.keys.encryptionKey });
	await expect(user.liveSession()).rejects.toMatchObject({ venueCode: "invalid-consumer" });
});

it("the option `realm` of createIbkrConsumer defaults to limited_poa, or to test_realm for the consumer TESTCONS", async () => {
	harness.close();
	harness = new OAuth1Harness({}, "test_realm");
	await expect(harness.user().liveSession()).rejects.toMatchObject({ venueCode: "invalid-consumer" });
	await harness.user({ realm: "test_realm" }).liveSession();
	const test = createIbkrConsumer({ ...OAuth1Harness.keys, fetch: harness.fetch, consumerKey: "TESTCONS" });
	await expect(test.requestToken()).rejects.toMatchObject({ kind: "venue" });
	expect(harness.venue.received.at(-1)?.headers["authorization"]).toContain('realm="test_realm"');
});

it.each([
	["consumerKey", { consumerKey: 'planted"' }],
	["signatureKey", { signatureKey: "planted" }],
	["encryptionKey", { encryptionKey: OAuth1Harness.signature.publicKey }],
	["dhParameters", { dhParameters: "abc123" }],
	["dhParameters", { dhParameters: "planted" }],
	["realm", { realm: "a b" }],
	["renewBeforeMs", { renewBeforeMs: -1 }],
])("createIbkrConsumer throws an OptionError that does not quote the value of %s", (name, wrong) => {
	let thrown: unknown;
	try {
		createIbkrConsumer({ ...OAuth1Harness.keys, ...wrong });
	} catch (error) {
		thrown = error;
	}
	expect(thrown).toMatchObject({ name: "OptionError", option: name, message: expect.stringContaining("must be") });
	expect(inspect(thrown)).not.toContain("planted");
});
