import { Kvm } from "@nats-io/kv";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { type NatsLeaderStore, type NatsLeaderStoreOptions, natsLeaderStore } from "../index.ts";
import { NatsServer, natsMissing, natsProgram, password } from "./nats-server.ts";

export const signal: AbortSignal = new AbortController().signal;
/** How long an entry lasts without a renewal in the bucket that most tests use, in milliseconds. */
export const ttlMs = 60_000;

// Without nats-server these tests are skipped, even in CI, because nats-server cannot be installed on every CI machine.
if (!natsProgram) console.warn(`skipped: ${natsMissing}`);

/** The NATS server of the current test file. It is assigned before the first test. */
export let server: NatsServer;
const stores: { close(): Promise<void> }[] = [];

/** Starts a NATS server with a bucket before the tests of a `describe`, and stops it after them. */
export function useServer(): void {
	beforeAll(async () => {
		server = await NatsServer.start();
		await store().createBucket({ ttlMs });
	}, 60_000);
	afterAll(async () => {
		for (const each of stores) await each.close();
		await server?.close();
	});
}

/** Makes a store that is closed after the tests. */
export function made(options: NatsLeaderStoreOptions): NatsLeaderStore {
	const one = natsLeaderStore(options);
	stores.push(one);
	return one;
}

/** Makes a new store on the server of the test file, like the store of another process. */
export const store = (more: NatsLeaderStoreOptions = {}): NatsLeaderStore => made({ servers: server.url, ...more });

/** Creates a bucket for one test, such as a bucket with a short ttl, and returns a store that uses the bucket. */
export async function storeWith(bucket: string, ttl: number): Promise<NatsLeaderStore> {
	await store({ bucket }).createBucket({ ttlMs: ttl });
	return store({ bucket });
}

/** Opens a connection that the test itself uses, without a store. */
export async function connection(): Promise<NatsConnection> {
	const opened = await connect({ servers: `127.0.0.1:${server.port}`, user: "agent", pass: password });
	onTestFinished(() => opened.close());
	return opened;
}

export const bucketOf = async (bucket = "keepalive_leader") => new Kvm(await connection()).open(bucket);

/** Calls `ask` again and again until it returns a value, for at most 10 s. */
export async function poll<T>(ask: () => Promise<T | undefined>): Promise<T> {
	const deadline = performance.now() + 10_000;
	while (performance.now() < deadline) {
		const answer = await ask();
		if (answer !== undefined) return answer;
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
	return expect.fail("no answer within 10 s");
}
