import { describe, expect, it } from "vitest";
import { natsLeaderStore } from "./index.ts";
import { resolveOptions } from "./options.ts";

const connection = { request: () => undefined };
const servers = "nats://a";

describe("the options of natsLeaderStore", () => {
	it.each([
		[{}, "servers"],
		[{ servers, connection }, "servers"],
		[{ servers: "http://a" }, "servers"],
		[{ servers: "a:4222" }, "servers"],
		[{ servers: [] }, "servers"],
		[{ servers: [servers, "wss://a"] }, "servers"],
		[{ servers: "nats://a/planted" }, "servers"],
		[{ servers: "nats://a?planted" }, "servers"],
		[{ servers: ["nats://u:planted@a", "nats://u:other@b"] }, "servers"],
		[{ servers: "nats://u:planted@a", token: "planted" }, "servers"],
		[{ servers, token: "planted", credentialsFile: "a" }, "servers"],
		[{ servers, user: "u" }, "user"],
		[{ servers, password: "planted" }, "user"],
		[{ servers, user: "u", password: "planted", token: "planted" }, "token"],
		[{ servers, password: 7 }, "password"],
		[{ servers, tls: { ca: "a" } }, "tls.ca"],
		[{ servers, tls: { caFile: "" } }, "tls.caFile"],
		[{ connection: {} }, "connection"],
		[{ connection, user: "u" }, "user"],
		[{ connection, tls: {} }, "tls"],
		[{ servers, bucket: "a.b" }, "bucket"],
		[{ servers, bucket: "" }, "bucket"],
		[{ servers, buckets: "a" }, "buckets"],
	])("natsLeaderStore refuses the options %j", (options, option) => {
		// The cast is needed because the options are wrong on purpose, as a JavaScript program could pass them.
		const make = () => natsLeaderStore(options as object);
		expect(make).toThrow(`@x/keepalive-nats: option ${option} `);
		expect(make).not.toThrow("planted");
	});

	it.each([
		[{ servers: "nats://a" }, { servers: [{ host: "a", port: 4222 }], credentials: {}, tls: undefined }],
		[{ servers: "tls://[::1]:5/" }, { servers: [{ host: "::1", port: 5 }], credentials: {}, tls: {} }],
		[{ servers: "nats://u:a%40b@a" }, { credentials: { user: "u", password: "a@b" }, secrets: ["a@b", "a%40b"] }],
		[{ servers: "nats://u:a%b@a" }, { credentials: { user: "u", password: "a%b" } }],
		[{ servers: "nats://to%20ken@a" }, { credentials: { token: "to ken" }, secrets: ["to ken", "to%20ken"] }],
		[{ servers: ["nats://u:p@a", "tls://b:1"] }, { credentials: { user: "u", password: "p" }, tls: {} }],
		[{ servers: "nats://u:p@a", user: "u", password: "p" }, { credentials: { user: "u", password: "p" } }],
		[{ servers: "nats://a", credentialsFile: "f" }, { credentials: { credentialsFile: "f" } }],
		[{ servers: "nats://a", tls: { caFile: "f" } }, { tls: { caFile: "f" } }],
	])("resolveOptions(%j) returns the servers and credentials that the options name", (options, meant) => {
		const { via } = resolveOptions(options);
		expect(via).toMatchObject({
			...meant,
			...("secrets" in meant && { secrets: expect.arrayContaining(meant.secrets) }),
		});
	});

	it("createBucket refuses wrong options before anything connects", async () => {
		const store = natsLeaderStore({ servers: "nats://127.0.0.1:1" });
		await expect(store.createBucket({ ttlMs: 99 })).rejects.toThrow("option ttlMs must be");
		// The cast is needed because the number is wrong on purpose, as a JavaScript program could pass it.
		await expect(store.createBucket({ replicas: 2 as 3 })).rejects.toThrow(
			"option replicas must be 1 or 3 or 5, got 2",
		);
	});
});
