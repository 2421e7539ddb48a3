import { beforeEach, describe, expect, it, vi } from "vitest";
import { epochOf, newLeaderName, testLeaderStore } from "../../keepalive/src/testing/leader-store-tests.ts";
import { defaultLeaseName } from "./lease-name.ts";
import {
	api,
	edit,
	leaseOf,
	namespace,
	requestsOf,
	signal,
	store,
	ttlMs,
	useApi,
} from "./testing/test-leader-stores.ts";

useApi();

describe("kubernetesLeaderStore", () => {
	testLeaderStore(() => store());

	it("take, renew and release keep the members of the Lease that other programs wrote", async () => {
		const name = newLeaderName();
		const one = store();
		const spec = { strategy: "OldestEmulationVersion", newer: { deep: [1] } };
		const metadata = { labels: { team: "desk" }, annotations: { "desk/owner": "b" }, finalizers: ["desk/keep"] };
		api.put(namespace, defaultLeaseName(name), { metadata, spec });
		const kept = { metadata, spec };
		expect(await one.take(name, "a", ttlMs, signal)).toEqual({ isTaken: true, epoch: 1 });
		expect(leaseOf(name)).toMatchObject(kept);
		await one.renew(name, "a", 1, ttlMs, signal, "a note");
		expect(leaseOf(name)).toMatchObject(kept);
		await one.release(name, "a", 1, signal);
		expect(leaseOf(name)).toMatchObject({ ...kept, spec: { ...spec, holderIdentity: "", leaseTransitions: 1 } });
	});

	it("take() writes a Lease that kubectl can read: the holder, a duration in whole seconds, and times with microseconds", async () => {
		const name = newLeaderName();
		await store().take(name, "a", 14_001, signal);
		const microTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
		expect(leaseOf(name).spec).toEqual({
			holderIdentity: "a",
			leaseDurationSeconds: 15,
			leaseTransitions: 1,
			acquireTime: microTime,
			renewTime: microTime,
		});
	});

	it("take() succeeds even if the Lease was created without a spec", async () => {
		const name = newLeaderName();
		api.put(namespace, defaultLeaseName(name), {});
		expect(await store().take(name, "a", ttlMs, signal)).toEqual({ isTaken: true, epoch: 1 });
	});

	it("take() returns the last leader's note with an age of 0 when another program has removed the time from the note", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		await one.renew(name, "a", 1, ttlMs, signal, "a note");
		edit(name, ({ metadata, ...rest }) => {
			const [note] = Object.entries(metadata.annotations ?? {}).filter(([, text]) => text === "a note");
			return { ...rest, metadata: { ...metadata, annotations: Object.fromEntries(note ? [note] : []) } };
		});
		expect(await one.take(name, "a", ttlMs, signal)).toMatchObject({ note: { text: "a note", ageMs: 0 } });
	});

	it("renew() sends a single request as long as no other program changes the Lease", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		const before = api.received.length;
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
		expect(api.received.slice(before).map(({ method }) => method)).toEqual(["PUT", "PUT"]);
	});

	it("take() rejects when the last epoch (fencing token) is the highest number that a Lease can store", async () => {
		const name = newLeaderName();
		api.put(namespace, defaultLeaseName(name), { spec: { leaseTransitions: 2_147_483_646 } });
		const one = store();
		expect(epochOf(await one.take(name, "a", ttlMs, signal))).toBe(2_147_483_647);
		await expect(one.take(name, "a", ttlMs, signal)).rejects.toThrow(
			"cannot be taken: spec.leaseTransitions is 2147483647, the highest number. Use another name.",
		);
		expect(await one.renew(name, "a", 2_147_483_647, ttlMs, signal)).toBe(true);
	});
});

describe("kubernetesLeaderStore: the expiry of a leader", () => {
	beforeEach(() => {
		// Only the clocks are faked; timers are real, so that sockets work.
		vi.useFakeTimers({ toFake: ["performance", "Date"], now: 1_794_182_400_000 });
	});
	const pass = (ms: number) => vi.advanceTimersByTime(ms);

	it("kubernetesLeaderStore lets a leader expire when another store has seen no change of the Lease for ttlMs, and not 1 ms before", async () => {
		const name = newLeaderName();
		await store().take(name, "a", ttlMs, signal);
		const other = store();
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ leader: { expiresInMs: ttlMs } });
		pass(ttlMs - 1);
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ isTaken: false, leader: { expiresInMs: 1 } });
		pass(1);
		expect(await other.take(name, "b", ttlMs, signal)).toEqual({ isTaken: true, epoch: 2 });
	});

	it("kubernetesLeaderStore lets a leader expire ttlMs after another store first reads the Lease, whatever times the Lease contains", async () => {
		const name = newLeaderName();
		await store().take(name, "a", ttlMs, signal);
		pass(3_600_000);
		const other = store();
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({
			isTaken: false,
			leader: { ledForMs: 3_600_000, expiresInMs: ttlMs },
		});
		pass(ttlMs);
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ isTaken: true });
	});

	it("kubernetesLeaderStore gives a leader the full ttlMs again when another store sees that the leader has renewed", async () => {
		const name = newLeaderName();
		const [one, other] = [store(), store()];
		await one.take(name, "a", ttlMs, signal);
		await other.take(name, "b", ttlMs, signal);
		pass(10_000);
		await one.renew(name, "a", 1, ttlMs, signal);
		pass(2_000);
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ leader: { expiresInMs: ttlMs } });
		pass(ttlMs - 1);
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ isTaken: false });
		pass(1);
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ isTaken: true });
	});

	it("kubernetesLeaderStore gives the full ttlMs to a leader that has just renewed, even if the store of the waiting process last read the Lease an hour ago", async () => {
		const name = newLeaderName();
		const [one, other] = [store(), store()];
		await one.take(name, "a", ttlMs, signal);
		await other.take(name, "b", ttlMs, signal);
		pass(3_600_000);
		await one.renew(name, "a", 1, ttlMs, signal);
		const puts = requestsOf("PUT");
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ leader: { expiresInMs: ttlMs } });
		expect(requestsOf("PUT")).toBe(puts);
	});

	it("take() succeeds at once if its store last read the Lease an hour ago and the leader has not renewed in that hour", async () => {
		const name = newLeaderName();
		const [one, other] = [store(), store()];
		await one.take(name, "a", ttlMs, signal);
		await other.take(name, "b", ttlMs, signal);
		pass(3_600_000);
		expect(await other.take(name, "b", ttlMs, signal)).toEqual({ isTaken: true, epoch: 2 });
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(false);
	});

	it("renew() gives the leader the full ttlMs again, even if the leader's clock was set back so that two renewals have the same timestamp", async () => {
		const name = newLeaderName();
		const [one, other] = [store(), store()];
		await one.take(name, "a", ttlMs, signal);
		for (let renewals = 0; renewals < 3; renewals += 1) {
			await other.take(name, "b", ttlMs, signal);
			pass(ttlMs - 1);
			vi.setSystemTime(1_794_182_400_000);
			await one.renew(name, "a", 1, ttlMs, signal);
			expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ leader: { expiresInMs: ttlMs } });
		}
	});

	it("kubernetesLeaderStore lets a leader expire after the duration that this leader wrote into the Lease, rounded up to whole seconds", async () => {
		const name = newLeaderName();
		await store().take(name, "a", 20_001, signal);
		const other = store();
		expect(await other.take(name, "b", 5_000, signal)).toMatchObject({ leader: { expiresInMs: 21_000 } });
		pass(20_999);
		expect(await other.take(name, "b", 5_000, signal)).toMatchObject({ isTaken: false });
		pass(1);
		expect(await other.take(name, "b", 5_000, signal)).toMatchObject({ isTaken: true });
	});

	it.each([-3_600_000, 3_600_000])(
		"take() succeeds only once the leader has not renewed for ttlMs, even if wall clocks jump by %i ms",
		async (ms) => {
			const name = newLeaderName();
			const [one, other] = [store(), store()];
			await one.take(name, "a", ttlMs, signal);
			await other.take(name, "b", ttlMs, signal);
			vi.setSystemTime(Date.now() + ms);
			api.clockOffsetMs = -2 * ms;
			pass(ttlMs - 1);
			expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ isTaken: false, leader: { expiresInMs: 1 } });
			pass(1);
			expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ isTaken: true });
		},
	);

	it("kubernetesLeaderStore gives a leader the full ttlMs again when another program changes the Lease", async () => {
		const name = newLeaderName();
		await store().take(name, "a", ttlMs, signal);
		const other = store();
		await other.take(name, "b", ttlMs, signal);
		pass(ttlMs);
		edit(name, ({ metadata, ...rest }) => ({ ...rest, metadata: { ...metadata, labels: { a: "b" } } }));
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ leader: { expiresInMs: ttlMs } });
	});

	it("release() lets another store take the lead at once", async () => {
		const name = newLeaderName();
		const [one, other] = [store(), store()];
		await one.take(name, "a", ttlMs, signal);
		await other.take(name, "b", ttlMs, signal);
		await one.release(name, "a", 1, signal);
		expect(await other.take(name, "b", ttlMs, signal)).toEqual({ isTaken: true, epoch: 2 });
	});

	it("take() succeeds for only one of ten stores that try at the same time after the leader has expired", async () => {
		const name = newLeaderName();
		await store().take(name, "a", ttlMs, signal);
		const others = Array.from({ length: 10 }, () => store());
		const takeAll = () => Promise.all(others.map((each, index) => each.take(name, `b${index}`, ttlMs, signal)));
		expect((await takeAll()).filter(({ isTaken }) => isTaken)).toEqual([]);
		pass(ttlMs);
		const results = await takeAll();
		const winner = results.findIndex(({ isTaken }) => isTaken);
		expect(results.filter(({ isTaken }) => isTaken)).toEqual([{ isTaken: true, epoch: 2 }]);
		for (const result of results) {
			if (!result.isTaken) expect(result.leader).toMatchObject({ holder: `b${winner}`, epoch: 2, expiresInMs: ttlMs });
		}
	});

	it("kubernetesLeaderStore lets no leader expire before ttlMs when its Lease is deleted, and gives the next leader a higher epoch", async () => {
		const name = newLeaderName();
		const [one, other] = [store(), store()];
		await one.take(name, "a", ttlMs, signal);
		await one.take(name, "a", ttlMs, signal);
		await other.take(name, "b", ttlMs, signal);
		api.delete(namespace, defaultLeaseName(name));
		pass(ttlMs - 1);
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ isTaken: false, leader: { expiresInMs: 1 } });
		// The renewal must not create the deleted Lease again: the new Lease would have the epoch of the last leader.
		expect(await one.renew(name, "a", 2, ttlMs, signal)).toBe(false);
		expect(api.lease(namespace, defaultLeaseName(name))).toBeUndefined();
		pass(1);
		expect(await other.take(name, "b", ttlMs, signal)).toEqual({ isTaken: true, epoch: 3 });
		expect(await one.renew(name, "a", 2, ttlMs, signal)).toBe(false);
	});

	it("take() gives a higher epoch (fencing token) even after the Lease was deleted and another process has created it again", async () => {
		const name = newLeaderName();
		const other = store();
		for (let epoch = 1; epoch <= 5; epoch += 1) await other.take(name, "b", ttlMs, signal);
		api.delete(namespace, defaultLeaseName(name));
		const one = store();
		expect(epochOf(await one.take(name, "a", ttlMs, signal))).toBe(1);
		await one.release(name, "a", 1, signal);
		expect(epochOf(await other.take(name, "b", ttlMs, signal))).toBe(6);
	});

	it("take() returns ledForMs and the age of a note as measured by the clock of the API server", async () => {
		const name = newLeaderName();
		const [one, other] = [store(), store()];
		api.clockOffsetMs = 7_200_000;
		await one.take(name, "a", ttlMs, signal);
		await one.renew(name, "a", 1, ttlMs, signal, "a note");
		expect(leaseOf(name).spec["acquireTime"]).toBe(new Date(Date.now() + 7_200_000).toISOString().replace("Z", "000Z"));
		// The next process has a wall clock that differs from the API server's clock by another amount.
		vi.setSystemTime(Date.now() - 86_400_000);
		api.clockOffsetMs += 86_400_000;
		pass(60_000);
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ leader: { ledForMs: 60_000 } });
		await one.release(name, "a", 1, signal);
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ note: { text: "a note", ageMs: 60_000 } });
	});
});

describe("kubernetesLeaderStore.inspect", () => {
	it("inspect() returns the leader and whether this process could lead, and changes nothing", async () => {
		const name = newLeaderName();
		const one = store();
		expect(await one.inspect(name)).toEqual({ mayLead: true });
		expect(api.lease(namespace, defaultLeaseName(name))).toBeUndefined();
		await one.take(name, "a", ttlMs, signal);
		const before = leaseOf(name);
		expect(await store().inspect(name)).toEqual({
			mayLead: true,
			leader: { holder: "a", epoch: 1, ledForMs: expect.any(Number), expiresInMs: expect.any(Number) },
		});
		expect(leaseOf(name)).toEqual(before);
		await one.release(name, "a", 1, signal);
		expect(await one.inspect(name)).toEqual({ mayLead: true });
	});

	it.each([
		[["get", "create", "update"], true, true],
		[["get", "update"], false, true],
		[["get", "create"], false, false],
		[["create", "update"], false, false],
		[[], false, false],
	] as const)(
		"inspect() by an account with the verbs %j returns mayLead %j if the Lease does not exist, and %j if it exists",
		async (...each) => {
			const [verbs, without, withLease] = each;
			const other = `may-${verbs.join("-")}`;
			api.addAccount(other, namespace, verbs);
			const name = newLeaderName();
			expect(await store({ token: other }).inspect(name)).toEqual({ mayLead: without });
			await store().take(name, "a", ttlMs, signal);
			expect(await store({ token: other }).inspect(name)).toMatchObject({ mayLead: withLease });
		},
	);

	it("inspect() rejects when the API server refuses the token", async () => {
		await expect(store({ token: "planted-wrong" }).inspect("a")).rejects.toThrow("401 Unauthorized");
	});
});
