import { Kvm } from "@nats-io/kv";
import { keepalive } from "@x/keepalive";
import { leaderSession } from "@x/keepalive/leader";
import { describe, expect, it } from "vitest";
import { epochOf, newLeaderName, testLeaderStore } from "../../keepalive/src/testing/leader-store-tests.ts";
import { callsOf, scripted } from "../../keepalive/src/testing/scripted-session.ts";
import { natsProgram } from "./testing/nats-server.ts";

import {
	bucketOf,
	connection,
	made,
	poll,
	server,
	signal,
	store,
	storeWith,
	ttlMs,
	useServer,
} from "./testing/test-stores.ts";

describe.skipIf(!natsProgram)("natsLeaderStore", () => {
	useServer();

	testLeaderStore(store);

	it("createBucket() succeeds in five processes at once, and uses the default ttl of leaderSession", async () => {
		const each = Array.from({ length: 5 }, () => store({ bucket: "at_once" }));
		await Promise.all(each.map((one) => one.createBucket()));
		await each[0]?.createBucket({ ttlMs: 15_000 });
		expect(await each[0]?.take(newLeaderName(), "a", 15_000, signal)).toEqual({ isTaken: true, epoch: 1 });
		const { streamInfo } = await (await bucketOf("at_once")).status();
		expect(streamInfo.config).toMatchObject({ max_msgs_per_subject: 1, storage: "file", allow_direct: false });
	});

	it("take() and createBucket() reject a ttlMs that differs from the bucket's ttl, and say what to do", async () => {
		const message =
			"failed: the ttl of the bucket keepalive_leader is 60000 ms, and ttlMs is 15000. " +
			"Give leaderSession ttlMs: 60000 in each process, or use another bucket.";
		await expect(store().take(newLeaderName(), "a", 15_000, signal)).rejects.toThrow(message);
		await expect(store().createBucket({ ttlMs: 15_000 })).rejects.toThrow(message);
	});

	it("take() rejects when the bucket is stored in memory or does not exist", async () => {
		await new Kvm(await connection()).create("in_memory", { ttl: ttlMs, storage: "memory" });
		await expect(store({ bucket: "in_memory" }).take("a", "a", ttlMs, signal)).rejects.toThrow(
			"the bucket in_memory is in memory, so its epochs begin again when the server restarts. Use a bucket with file storage.",
		);
		await expect(store({ bucket: "not_there" }).take("a", "a", ttlMs, signal)).rejects.toThrow(
			"@x/keepalive-nats: taking the lead of a failed: there is no bucket not_there, or no not_there_notes. " +
				"Create both with createBucket().",
		);
	});

	it("natsLeaderStore needs only the rights that the README lists, and no right to create buckets, when its buckets exist", async () => {
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

	it.each(["written by a stranger", "[]", ""])(
		"take() rejects without quoting an entry of another program: %j",
		async (text) => {
			const of = "foreign";
			await (await bucketOf()).put(of, text);
			await expect(store().take(of, "a", ttlMs, signal)).rejects.toThrow(
				`@x/keepalive-nats: taking the lead of ${of} failed: the bucket's entry for "${of}" was not written by this package. ` +
					"Use a bucket to which no other program writes.",
			);
		},
	);

	it("renew() fails for a leader whose entry was deleted, and take() gives the next leader a higher epoch (fencing token)", async () => {
		const of = "deleted";
		const one = store();
		const first = epochOf(await one.take(of, "a", ttlMs, signal));
		await (await bucketOf()).delete(of);
		expect(await one.renew(of, "a", first, ttlMs, signal)).toBe(false);
		expect(epochOf(await store().take(of, "b", ttlMs, signal))).toBeGreaterThan(first);
	});

	it("take() returns the same epoch and start time of another leader before and after that leader has renewed", async () => {
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

	it("renew() succeeds for a leader that took the lead through another store, even if this store has seen only an earlier leader", async () => {
		const of = newLeaderName();
		const [one, other] = [store(), store()];
		const first = epochOf(await one.take(of, "a", ttlMs, signal));
		await other.release(of, "a", first, signal);
		const second = epochOf(await other.take(of, "b", ttlMs, signal));
		expect(await one.renew(of, "b", second, ttlMs, signal)).toBe(true);
		expect(await one.renew(of, "a", first, ttlMs, signal)).toBe(false);
		expect(await other.renew(of, "b", second, ttlMs, signal)).toBe(true);
	});

	it("natsLeaderStore keeps a separate leader for each name, whatever characters the names contain", async () => {
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

	it("take() succeeds when the last leader has expired by the server's clock, and not before", async () => {
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

	it("renew() returns false for a leader whose entry has expired, and does not create the entry again", async () => {
		const one = await storeWith("expired", 300);
		const epoch = epochOf(await one.take("a", "a", 300, signal));
		const bucket = await bucketOf("expired");
		await poll(async () => ((await bucket.get("a")) === null ? true : undefined));
		expect(await one.renew("a", "a", epoch, 300, signal)).toBe(false);
		expect(await bucket.get("a")).toBeNull();
	});

	it("take() returns the note that an expired leader wrote for the next leader, and the age of the note by the server's clock", async () => {
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

	it("renew() by an earlier leader does not replace a later leader's note for the next leader", async () => {
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

	it("take() rejects if it would give an epoch (fencing token) a second time, because the bucket with the leaders was deleted but the notes were not", async () => {
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

	it("natsLeaderStore uses the caller's connection from the option connection, and does not close it", async () => {
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

	it("leaderSession with natsLeaderStore opens a session in one of two keepers, and in the other once the first has stopped", async () => {
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
