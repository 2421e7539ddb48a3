import { type AddressInfo, createServer } from "node:net";
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";
import { keepalive } from "@x/keepalive";
import { leaderSession } from "@x/keepalive/leader";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { epochOf, newLeaderName, testLeaderStore } from "../../keepalive/src/testing/leader-store-rules.ts";
import { callsOf, scripted } from "../../keepalive/src/testing/scripted-session.ts";
import { type NatsLeaderStoreOptions, natsLeaderStore } from "./index.ts";
import { FaultyProxy } from "./testing/faulty-proxy.ts";
import { NatsServer, natsMissing, natsProgram, password } from "./testing/nats-server.ts";

const { signal } = new AbortController();
/** How long an entry lasts without a renewal in the bucket that most tests use, in milliseconds. */
const ttlMs = 60_000;

// These tests are skipped in CI as well, because nats-server cannot be installed on every CI machine.
if (!natsProgram) console.warn(`skipped: ${natsMissing}`);

describe.skipIf(!natsProgram)("natsLeaderStore", () => {
	let server: NatsServer;
	const stores: { close(): Promise<void> }[] = [];
	const made = (options: NatsLeaderStoreOptions) => {
		const one = natsLeaderStore(options);
		stores.push(one);
		return one;
	};
	const store = (more: NatsLeaderStoreOptions = {}) => made({ servers: server.url, ...more });
	/** Creates a bucket for one test, such as a bucket with a short ttl, and returns a store that uses the bucket. */
	const storeWith = async (bucket: string, ttl: number) => {
		await store({ bucket }).createBucket({ ttlMs: ttl });
		return store({ bucket });
	};
	/** Opens a connection that the test itself uses, without a store. */
	const connection = async () => {
		const opened = await connect({ servers: `127.0.0.1:${server.port}`, user: "agent", pass: password });
		onTestFinished(() => opened.close());
		return opened;
	};
	const bucketOf = async (bucket = "keepalive_leader") => new Kvm(await connection()).open(bucket);

	beforeAll(async () => {
		server = await NatsServer.start();
		await store().createBucket({ ttlMs });
	}, 60_000);
	afterAll(async () => {
		for (const each of stores) await each.close();
		await server?.close();
	});

	testLeaderStore(store);

	it("creates its bucket without an error when five processes do so at once, with the ttl that leaderSession has by default", async () => {
		const each = Array.from({ length: 5 }, () => store({ bucket: "at_once" }));
		await Promise.all(each.map((one) => one.createBucket()));
		await each[0]?.createBucket({ ttlMs: 15_000 });
		expect(await each[0]?.take(newLeaderName(), "a", 15_000, signal)).toEqual({ isTaken: true, epoch: 1 });
		const { streamInfo } = await (await bucketOf("at_once")).status();
		expect(streamInfo.config).toMatchObject({ max_msgs_per_subject: 1, storage: "file", allow_direct: false });
	});

	it("refuses a ttlMs that differs from the ttl of the bucket, with both numbers and what to do in the error", async () => {
		const message =
			"failed: the ttl of the bucket keepalive_leader is 60000 ms, and ttlMs is 15000. " +
			"Give leaderSession ttlMs: 60000 in each process, or use another bucket.";
		await expect(store().take(newLeaderName(), "a", 15_000, signal)).rejects.toThrow(message);
		await expect(store().createBucket({ ttlMs: 15_000 })).rejects.toThrow(message);
	});

	it("refuses a bucket that is stored in memory, and rejects when the bucket does not exist", async () => {
		await new Kvm(await connection()).create("in_memory", { ttl: ttlMs, storage: "memory" });
		await expect(store({ bucket: "in_memory" }).take("a", "a", ttlMs, signal)).rejects.toThrow(
			"the bucket in_memory is in memory, so its epochs begin again when the server restarts. Use a bucket with file storage.",
		);
		await expect(store({ bucket: "not_there" }).take("a", "a", ttlMs, signal)).rejects.toThrow(
			"@x/keepalive-nats: taking the lead of a failed: there is no bucket not_there, or no not_there_notes. " +
				"Create both with createBucket().",
		);
	});

	it("needs only the rights that the README lists when its buckets exist, and not the right to create buckets", async () => {
		const servers = `nats://bot:bot@127.0.0.1:${server.port}`;
		const bot = made({ servers });
		await bot.createBucket({ ttlMs });
		const of = newLeaderName();
		const epoch = epochOf(await bot.take(of, "a", ttlMs, signal));
		expect(await bot.renew(of, "a", epoch, ttlMs, signal, "note")).toBe(true);
		await bot.release(of, "a", epoch, signal);
		expect(await bot.inspect(of)).toEqual({ mayLead: true });
		await expect(made({ servers, bucket: "another" }).createBucket({ ttlMs })).rejects.toThrow("Permissions Violation");
	});

	it("inspect() returns the leader and whether this process could lead, and changes nothing", async () => {
		const of = newLeaderName();
		const one = store();
		const bucket = await bucketOf();
		const lastRevision = async () => (await bucket.status()).streamInfo.state.last_seq;
		const before = await lastRevision();
		expect(await one.inspect(of)).toEqual({ mayLead: true });
		expect(await lastRevision()).toBe(before);
		const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
		const leader = { holder: "a", epoch, ledForMs: expect.any(Number), expiresInMs: expect.any(Number) };
		expect(await store().inspect(of)).toEqual({ mayLead: true, leader });
		await one.release(of, "a", epoch, signal);
		expect(await one.inspect(of)).toEqual({ mayLead: true });
		const guest = made({ servers: `nats://guest:guest@127.0.0.1:${server.port}` });
		expect([await store({ bucket: "not_there" }).inspect(of), await guest.inspect(of)]).toEqual([
			{ mayLead: false },
			{ mayLead: false },
		]);
	});

	it("gives the next leader a higher epoch after the entry was deleted, and no longer renews the previous leader", async () => {
		const of = "deleted";
		const one = store();
		const first = epochOf(await one.take(of, "a", ttlMs, signal));
		await (await bucketOf()).delete(of);
		expect(await one.renew(of, "a", first, ttlMs, signal)).toBe(false);
		expect(epochOf(await store().take(of, "b", ttlMs, signal))).toBeGreaterThan(first);
	});

	it("returns the same epoch and start of a leader after renewals, with times by the clock of the server", async () => {
		const of = "renewed";
		const one = store();
		const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
		const bucket = await bucketOf();
		const since = (await bucket.get(of))?.created.getTime() ?? 0;
		for (let renewals = 0; renewals < 3; renewals += 1) {
			await poll(async () => (Date.now() > since + 20 * renewals ? true : undefined));
			expect(await one.renew(of, "a", epoch, ttlMs, signal)).toBe(true);
		}
		expect((await bucket.get(of))?.json()).toEqual({ holder: "a", epoch, since });
		const before = Date.now();
		const result = await store().take(of, "b", ttlMs, signal);
		if (result.isTaken) return expect.fail("another process leads");
		expect(result.leader.epoch).toBe(epoch);
		expect(result.leader.ledForMs).toBeGreaterThanOrEqual(before - since);
		expect(result.leader.ledForMs).toBeLessThanOrEqual(Date.now() - since);
	});

	it("renews a leader that took the lead through another store, even if this store knows only an earlier leader", async () => {
		const of = newLeaderName();
		const [one, other] = [store(), store()];
		const first = epochOf(await one.take(of, "a", ttlMs, signal));
		await other.release(of, "a", first, signal);
		const second = epochOf(await other.take(of, "b", ttlMs, signal));
		expect(await one.renew(of, "b", second, ttlMs, signal)).toBe(true);
		expect(await one.renew(of, "a", first, ttlMs, signal)).toBe(false);
		expect(await other.renew(of, "b", second, ttlMs, signal)).toBe(true);
	});

	it("keeps a separate leader for each name, whatever characters the names contain", async () => {
		const names = [
			"a.b",
			"a b",
			"a=b",
			"a=002eb",
			"a_b",
			"a/b",
			"*",
			">",
			"ä",
			"\u00010041",
			"\u10041",
			"\ud800",
			"\udc00",
			"é",
			"e\u0301",
			".",
		];
		const one = store();
		for (const each of names) {
			expect(await one.take(each, `holder of ${each}`, ttlMs, signal), each).toMatchObject({ isTaken: true });
		}
		for (const each of names)
			expect((await one.inspect(each)).leader?.holder).toBe(JSON.parse(JSON.stringify(`holder of ${each}`)));
	});

	it("lets another process lead when the leader's time has run out by the server's clock, and not before", async () => {
		const one = await storeWith("short", 3_000);
		const bucket = await bucketOf("short");
		await one.take("a", "a", 3_000, signal);
		const takenAt = (await bucket.get("a"))?.created.getTime() ?? 0;
		const epoch = await poll(async () => {
			const result = await one.take("a", "b", 3_000, signal);
			return result.isTaken ? result.epoch : undefined;
		});
		const began = (await bucket.get("a"))?.created.getTime() ?? 0;
		expect(epoch).toBeGreaterThan(1);
		expect(began - takenAt).toBeGreaterThanOrEqual(2_999);
		expect(began - takenAt).toBeLessThan(10_000);
	});

	it("does not renew a leader whose entry has expired, and does not create that entry again", async () => {
		const one = await storeWith("expired", 300);
		const epoch = epochOf(await one.take("a", "a", 300, signal));
		const bucket = await bucketOf("expired");
		await poll(async () => ((await bucket.get("a")) === null ? true : undefined));
		expect(await one.renew("a", "a", epoch, 300, signal)).toBe(false);
		expect(await bucket.get("a")).toBeNull();
	});

	it("keeps a leader's note after the leader's entry has expired, and computes the note's age from two times of the server's clock", async () => {
		const one = await storeWith("noted", 3_000);
		const epoch = epochOf(await one.take("a", "a", 3_000, signal));
		expect(await one.renew("a", "a", epoch, 3_000, signal, "note")).toBe(true);
		const written = (await (await bucketOf("noted_notes")).get("a"))?.created.getTime() ?? 0;
		const bucket = await bucketOf("noted");
		const note = await poll(async () => {
			const result = await one.take("a", "b", 3_000, signal);
			return result.isTaken ? result.note : undefined;
		});
		const began = (await bucket.get("a"))?.created.getTime() ?? 0;
		expect(note).toEqual({ text: "note", ageMs: began - written });
		expect(note.ageMs).toBeGreaterThanOrEqual(1_000);
	});

	it("does not let an earlier leader replace the note of a later leader", async () => {
		const of = newLeaderName();
		const [one, other] = [store(), store()];
		const first = epochOf(await one.take(of, "a", ttlMs, signal));
		await one.release(of, "a", first, signal);
		const second = epochOf(await other.take(of, "b", ttlMs, signal));
		await other.renew(of, "b", second, ttlMs, signal, "of the later");
		expect(await one.renew(of, "a", first, ttlMs, signal, "of the earlier")).toBe(false);
		await other.release(of, "b", second, signal);
		expect(await one.take(of, "c", ttlMs, signal)).toMatchObject({ note: { text: "of the later" } });
	});

	it("refuses to give an epoch twice after its bucket with the leaders was deleted and the bucket with the notes was kept", async () => {
		const one = await storeWith("deleted_bucket", ttlMs);
		await one.take("a", "a", ttlMs, signal);
		await one.take("a", "a", ttlMs, signal);
		await (await connection()).request("$JS.API.STREAM.DELETE.KV_deleted_bucket", "", { timeout: 5_000 });
		await one.createBucket({ ttlMs });
		for (let attempt = 0; attempt < 3; attempt += 1) {
			await expect(one.take("a", "b", ttlMs, signal)).rejects.toThrow(
				"epoch 2 was given out before, and the next epoch would be 1 (the bucket deleted_bucket was deleted, or has lost entries). " +
					"Delete deleted_bucket_notes once nothing uses the earlier epochs.",
			);
		}
		expect(await one.take("another", "b", ttlMs, signal)).toEqual({ isTaken: true, epoch: 1 });
	});

	describe("natsLeaderStore behind a faulty network", () => {
		let proxy: FaultyProxy;
		beforeAll(async () => {
			proxy = await FaultyProxy.start(server.port);
		});
		afterAll(() => proxy?.close());

		/** Makes a call whose write the server executes, and loses the reply to that write. */
		const lost = async (call: (cut: AbortSignal) => Promise<unknown>, bucket = "keepalive_leader"): Promise<void> => {
			const cut = new AbortController();
			const isLost = proxy.loseReplyTo(`HPUB $KV.${bucket}.`);
			const calling = expect(call(cut.signal)).rejects.toThrow("no longer awaited");
			await isLost;
			cut.abort(new Error("no longer awaited"));
			await calling;
			proxy.heal();
		};
		const behindProxyUrl = () => server.url.replace(String(server.port), String(proxy.port));
		const behindProxy = () => made({ servers: behindProxyUrl() });

		it("lets only the same process take the lead when the reply to that process's earlier take was lost", async () => {
			const of = newLeaderName();
			const one = behindProxy();
			await lost((cut) => one.take(of, "a", ttlMs, cut));
			const other = await store().take(of, "b", ttlMs, signal);
			if (other.isTaken) return expect.fail("another process leads");
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			expect(epoch).toBeGreaterThan(other.leader.epoch);
			expect(await one.renew(of, "a", epoch, ttlMs, signal)).toBe(true);
			expect(await one.renew(of, "a", other.leader.epoch, ttlMs, signal)).toBe(false);
		});

		it("renews although the replies to earlier renewals, with the latest revision of the entry, were lost", async () => {
			const of = newLeaderName();
			const one = behindProxy();
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			await lost((cut) => one.renew(of, "a", epoch, ttlMs, cut));
			await lost((cut) => one.renew(of, "a", epoch, ttlMs, cut));
			expect(await one.renew(of, "a", epoch, ttlMs, signal)).toBe(true);
			expect((await store().inspect(of)).leader).toMatchObject({ holder: "a", epoch });
		});

		it("replaces a note of this process although the reply to the write of that note was lost", async () => {
			const of = newLeaderName();
			const one = behindProxy();
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			await lost((cut) => one.renew(of, "a", epoch, ttlMs, cut, "first"), "keepalive_leader_notes");
			expect(await one.renew(of, "a", epoch, ttlMs, signal, "second")).toBe(true);
			expect(await store().take(of, "a", ttlMs, signal)).toMatchObject({ note: { text: "second" } });
		});

		it("does not end the lead of the next process when a release is repeated because its reply was lost", async () => {
			const of = newLeaderName();
			const one = behindProxy();
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			await lost((cut) => one.release(of, "a", epoch, cut));
			const next = epochOf(await store().take(of, "b", ttlMs, signal));
			await one.release(of, "a", epoch, signal);
			expect(await one.renew(of, "a", epoch, ttlMs, signal)).toBe(false);
			expect((await store().inspect(of)).leader).toMatchObject({ holder: "b", epoch: next });
		});

		/**
		 * Makes a store that uses the user's own connection. That connection stays open when a call is given up, so a delayed
		 * write can still arrive.
		 */
		const lateStore = async () => {
			const own = await connect({ servers: `127.0.0.1:${proxy.port}`, user: "agent", pass: password });
			onTestFinished(() => own.close());
			return made({ connection: own });
		};

		it.each([
			["a renewal", false],
			["a release", undefined],
		] as const)("does not end another process's lead when %s arrives late", async (what, result) => {
			const of = newLeaderName();
			const [one, other] = [await lateStore(), store()];
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			const isHeld = proxy.hold("HPUB $KV.keepalive_leader.");
			const late =
				what === "a renewal" ? one.renew(of, "a", epoch, ttlMs, signal) : one.release(of, "a", epoch, signal);
			await isHeld;
			await other.release(of, "a", epoch, signal);
			const next = epochOf(await other.take(of, "b", ttlMs, signal));
			proxy.heal();
			expect(await late).toBe(result);
			expect((await other.inspect(of)).leader).toMatchObject({ holder: "b", epoch: next });
		});

		it("does not take the lead when the request to take it arrives after another process has taken the lead", async () => {
			const of = newLeaderName();
			const [one, other] = [await lateStore(), store()];
			await one.inspect(of);
			const isHeld = proxy.hold("HPUB $KV.keepalive_leader.");
			const late = one.take(of, "a", ttlMs, signal);
			await isHeld;
			const epoch = epochOf(await other.take(of, "b", ttlMs, signal));
			proxy.heal();
			expect(await late).toMatchObject({ isTaken: false, leader: { holder: "b", epoch } });
		});

		it("refuses to create a bucket when another process has just created it with a different ttl", async () => {
			const isHeld = proxy.hold("STREAM.CREATE.KV_slower ");
			const slower = expect(
				made({ servers: behindProxyUrl(), bucket: "slower" }).createBucket({ ttlMs: 10_000 }),
			).rejects.toThrow("the ttl of the bucket slower is 20000 ms, and ttlMs is 10000");
			await isHeld;
			await store({ bucket: "slower" }).createBucket({ ttlMs: 20_000 });
			proxy.heal();
			await slower;
		});

		it("rejects a take when another process takes the lead while that take is in progress", async () => {
			const of = newLeaderName();
			const [one, other] = [await lateStore(), store()];
			const isHeld = proxy.hold("PUB $KV.keepalive_leader_notes.");
			const late = expect(one.take(of, "a", ttlMs, signal)).rejects.toThrow(
				"the lead was lost while it was being taken",
			);
			await isHeld;
			const { epoch = 0 } = (await other.inspect(of)).leader ?? {};
			await other.release(of, "a", epoch, signal);
			await other.take(of, "b", ttlMs, signal);
			proxy.heal();
			await late;
		});

		it("sends no further request for a call whose signal has aborted", async () => {
			const of = newLeaderName();
			const one = await lateStore();
			await one.inspect(of);
			const cut = new AbortController();
			const isHeld = proxy.hold("STREAM.MSG.GET");
			const calling = expect(one.take(of, "a", ttlMs, cut.signal)).rejects.toThrow("given up");
			await isHeld;
			cut.abort(new Error("given up"));
			await calling;
			proxy.heal();
			await one.inspect(newLeaderName());
			expect(await store().inspect(of)).toEqual({ mayLead: true });
		});

		it("does not let a note of an earlier leader that arrives late replace the note of a later leader", async () => {
			const of = newLeaderName();
			const [one, other] = [await lateStore(), store()];
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			const isHeld = proxy.hold("HPUB $KV.keepalive_leader_notes.");
			const late = one.renew(of, "a", epoch, ttlMs, signal, "of the earlier");
			await isHeld;
			await other.release(of, "a", epoch, signal);
			const next = epochOf(await other.take(of, "b", ttlMs, signal));
			await other.renew(of, "b", next, ttlMs, signal, "of the later");
			proxy.heal();
			expect(await late).toBe(false);
			expect(await other.take(of, "b", ttlMs, signal)).toMatchObject({ note: { text: "of the later" } });
		});

		it("opens a new connection after a call got no answer over the old connection until its signal aborted", async () => {
			const of = newLeaderName();
			const one = behindProxy();
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			proxy.silence();
			await expect(one.renew(of, "a", epoch, ttlMs, AbortSignal.timeout(200))).rejects.toThrow();
			expect(await one.renew(of, "a", epoch, ttlMs, AbortSignal.timeout(5_000))).toBe(true);
		});

		it("keeps its connection when the signal of one call aborts and another call was answered meanwhile", async () => {
			const of = newLeaderName();
			const one = behindProxy();
			const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
			const before = proxy.accepted;
			const cut = new AbortController();
			const isLost = proxy.loseReplyTo("HPUB $KV.keepalive_leader.");
			const calling = expect(one.renew(of, "a", epoch, ttlMs, cut.signal)).rejects.toThrow("given up");
			await isLost;
			proxy.heal();
			await one.inspect(of);
			cut.abort(new Error("given up"));
			await calling;
			expect(await one.renew(of, "a", epoch, ttlMs, signal)).toBe(true);
			expect(proxy.accepted).toBe(before);
		});
	});

	it("closes its connections to a server that accepts connections but never sends a greeting", async () => {
		const mute = createServer();
		await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
		onTestFinished(() => void mute.close());
		let open = 0;
		mute.on("connection", (socket) => {
			open += 1;
			socket.on("close", () => {
				open -= 1;
			});
			socket.resume();
		});
		// The cast is safe: a server that listens on TCP has an address of this type.
		const one = made({ servers: `nats://127.0.0.1:${(mute.address() as AddressInfo).port}` });
		for (let calls = 0; calls < 5; calls += 1) {
			await expect(one.take("a", "a", ttlMs, AbortSignal.timeout(100))).rejects.toThrow("timeout");
		}
		await poll(async () => (open === 0 ? true : undefined));
	});

	it("uses the second of its servers when the first does not answer", async () => {
		const one = made({ servers: ["nats://127.0.0.1:1", server.url] });
		expect(await one.inspect(newLeaderName())).toEqual({ mayLead: true });
	});

	it("rejects calls while the server is frozen, and works again after that", async () => {
		const of = newLeaderName();
		const one = store();
		const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
		server.freeze();
		try {
			for (let calls = 0; calls < 3; calls += 1) {
				await expect(one.renew(of, "a", epoch, ttlMs, AbortSignal.timeout(200))).rejects.toThrow(
					"aborted due to timeout",
				);
			}
			await expect(store().take(of, "b", ttlMs, AbortSignal.timeout(200))).rejects.toThrow("aborted due to timeout");
		} finally {
			server.thaw();
		}
		expect(await one.renew(of, "a", epoch, ttlMs, AbortSignal.timeout(5_000))).toBe(true);
	});

	it("rejects calls after the server was killed, without showing the password, and keeps leader, epochs and note over a restart", async () => {
		const of = newLeaderName();
		const one = store();
		const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
		await one.renew(of, "a", epoch, ttlMs, signal, "note");
		await server.halt();
		const failure = await one
			.renew(of, "a", epoch, ttlMs, AbortSignal.timeout(10_000))
			.catch((error: unknown) => error);
		expect(String(failure)).toMatch(/^Error: @x\/keepalive-nats: renewing the lead of .* failed: /);
		const again = await one.renew(of, "a", epoch, ttlMs, AbortSignal.timeout(10_000)).catch((error: unknown) => error);
		expect(String(again)).toContain(`connect ECONNREFUSED 127.0.0.1:${server.port}.`);
		expect(`${failure}${again}`).not.toContain(password);
		await server.resume();
		expect(await one.renew(of, "a", epoch, ttlMs, signal)).toBe(true);
		await one.release(of, "a", epoch, signal);
		const next = await store().take(of, "b", ttlMs, signal);
		expect(next).toMatchObject({ isTaken: true, note: { text: "note" } });
		expect(epochOf(next)).toBeGreaterThan(epoch + 2);
	});

	it("gives a higher epoch after a restart of the server even if the last entry expired while the server was down", async () => {
		const one = await storeWith("emptied", 300);
		const first = epochOf(await one.take("a", "a", 300, signal));
		await server.halt();
		await new Promise((resolve) => setTimeout(resolve, 400));
		await server.resume();
		expect(epochOf(await one.take("a", "b", 300, signal))).toBeGreaterThan(first);
	});

	it("uses the connection that the user gives, and leaves it open", async () => {
		const own = await connection();
		const one = made({ connection: own });
		const of = newLeaderName();
		const epoch = epochOf(await one.take(of, "a", ttlMs, signal));
		await expect(one.take(of, "b", ttlMs, AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
		await one.close();
		expect(await one.renew(of, "a", epoch, ttlMs, signal)).toBe(true);
		expect(own.isClosed()).toBe(false);
		await own.close();
		await expect(one.renew(of, "a", epoch, ttlMs, signal)).rejects.toThrow(
			/^@x\/keepalive-nats: .* failed: closed connection\.$/,
		);
	});

	it("lets one of two keepers open a session, and then the other keeper once the first has stopped", async () => {
		const start = (holder: string) => {
			const one = scripted();
			const keeper = keepalive([leaderSession(one, { store: store(), name: "two keepers", ttlMs, holder })]);
			const becomes = (state: string) =>
				poll(async () => (keeper.current("venue").status.state === state ? keeper.current("venue") : undefined));
			return { keeper, becomes, calls: () => callsOf(one) };
		};
		const first = start("first");
		const { epoch = 0 } = await first.becomes("alive");
		const second = start("second");
		expect((await second.becomes("standby")).status).toMatchObject({ leader: { holder: "first", epoch } });
		expect([first.keeper.isArmed("venue"), second.keeper.isArmed("venue"), second.calls()]).toEqual([true, false, []]);
		await first.keeper.stop({ orders: "keep" });
		expect((await second.becomes("alive")).epoch).toBeGreaterThan(epoch);
		expect([first.keeper.isArmed("venue"), second.keeper.isArmed("venue")]).toEqual([false, true]);
		await second.keeper.stop({ orders: "keep" });
	});
});

/** Calls `ask` again and again until it returns a value, for at most 10 s. */
async function poll<T>(ask: () => Promise<T | undefined>): Promise<T> {
	const deadline = performance.now() + 10_000;
	while (performance.now() < deadline) {
		const answer = await ask();
		if (answer !== undefined) return answer;
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
	return expect.fail("no answer within 10 s");
}
