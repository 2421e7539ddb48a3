import { beforeEach, describe, expect, it, vi } from "vitest";
import { epochOf, newLeaderName, testLeaderStore } from "../../keepalive/src/testing/leader-store-rules.ts";
import { defaultLeaseName } from "./lease-name.ts";
import {
	api,
	edit,
	leaseOf,
	messageOf,
	namespace,
	requestsOf,
	signal,
	status,
	store,
	ttlMs,
	useApi,
} from "./testing/store-stage.ts";

useApi();

describe("kubernetesLeaderStore", () => {
	testLeaderStore(() => store());

	it("keeps what other programs wrote into the Lease when it takes, renews and releases", async () => {
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

	it("writes what kubectl and other programs read: the holder, whole seconds, and instants with microseconds", async () => {
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

	it("takes a Lease that was created without a spec, as one that nobody leads", async () => {
		const name = newLeaderName();
		api.put(namespace, defaultLeaseName(name), {});
		expect(await store().take(name, "a", ttlMs, signal)).toEqual({ isTaken: true, epoch: 1 });
	});

	it("gives a note whose instant another program has removed as one that was just written", async () => {
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

	it("renews with one request while nobody else changes the Lease", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		const before = api.received.length;
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
		expect(api.received.slice(before).map(({ method }) => method)).toEqual(["PUT", "PUT"]);
	});

	it("refuses to lead when the number of the leader cannot be higher", async () => {
		const name = newLeaderName();
		api.put(namespace, defaultLeaseName(name), { spec: { leaseTransitions: 2_147_483_646 } });
		const one = store();
		expect(epochOf(await one.take(name, "a", ttlMs, signal))).toBe(2_147_483_647);
		await expect(one.take(name, "a", ttlMs, signal)).rejects.toThrow(
			"cannot be taken: spec.leaseTransitions is 2147483647 (lower than that). Use another name.",
		);
		expect(await one.renew(name, "a", 2_147_483_647, ttlMs, signal)).toBe(true);
	});
});

describe("the time of a leader", () => {
	beforeEach(() => {
		// Sockets go on: only the clocks are moved.
		vi.useFakeTimers({ toFake: ["performance", "Date"], now: 1_794_182_400_000 });
	});
	const pass = (ms: number) => vi.advanceTimersByTime(ms);

	it("runs out when another store has seen no change for all of it, not a millisecond before", async () => {
		const name = newLeaderName();
		await store().take(name, "a", ttlMs, signal);
		const other = store();
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ leader: { expiresInMs: ttlMs } });
		pass(ttlMs - 1);
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ isTaken: false, leader: { expiresInMs: 1 } });
		pass(1);
		expect(await other.take(name, "b", ttlMs, signal)).toEqual({ isTaken: true, epoch: 2 });
	});

	it("begins at first sight, whatever times are written in the Lease", async () => {
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

	it("begins anew with a renewal that was seen", async () => {
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

	it("begins anew for a store that has not looked for an hour, when the leader has renewed since", async () => {
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

	it("has run out for a store that has not looked for an hour, when the leader has not renewed since", async () => {
		const name = newLeaderName();
		const [one, other] = [store(), store()];
		await one.take(name, "a", ttlMs, signal);
		await other.take(name, "b", ttlMs, signal);
		pass(3_600_000);
		expect(await other.take(name, "b", ttlMs, signal)).toEqual({ isTaken: true, epoch: 2 });
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(false);
	});

	it("begins anew with a renewal at the same instant as the one before, such as after a clock was set back", async () => {
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

	it("is the one that the leader wrote, in whole seconds rounded up", async () => {
		const name = newLeaderName();
		await store().take(name, "a", 20_001, signal);
		const other = store();
		expect(await other.take(name, "b", 5_000, signal)).toMatchObject({ leader: { expiresInMs: 21_000 } });
		pass(20_999);
		expect(await other.take(name, "b", 5_000, signal)).toMatchObject({ isTaken: false });
		pass(1);
		expect(await other.take(name, "b", 5_000, signal)).toMatchObject({ isTaken: true });
	});

	it.each([-3_600_000, 3_600_000])("does not depend on wall clocks that differ by %i ms", async (ms) => {
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
	});

	it("begins anew with a change by another program", async () => {
		const name = newLeaderName();
		await store().take(name, "a", ttlMs, signal);
		const other = store();
		await other.take(name, "b", ttlMs, signal);
		pass(ttlMs);
		edit(name, ({ metadata, ...rest }) => ({ ...rest, metadata: { ...metadata, labels: { a: "b" } } }));
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ leader: { expiresInMs: ttlMs } });
	});

	it("is over at once when it was released", async () => {
		const name = newLeaderName();
		const [one, other] = [store(), store()];
		await one.take(name, "a", ttlMs, signal);
		await other.take(name, "b", ttlMs, signal);
		await one.release(name, "a", 1, signal);
		expect(await other.take(name, "b", ttlMs, signal)).toEqual({ isTaken: true, epoch: 2 });
	});

	it("lets one of ten stores lead that find at the same time that it has run out", async () => {
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

	it("goes on for a leader whose Lease was deleted, and the next one has a higher epoch", async () => {
		const name = newLeaderName();
		const [one, other] = [store(), store()];
		await one.take(name, "a", ttlMs, signal);
		await one.take(name, "a", ttlMs, signal);
		await other.take(name, "b", ttlMs, signal);
		api.delete(namespace, defaultLeaseName(name));
		pass(ttlMs - 1);
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ isTaken: false, leader: { expiresInMs: 1 } });
		// An update of the deleted Lease must not create it again with the epoch of the last leader.
		expect(await one.renew(name, "a", 2, ttlMs, signal)).toBe(false);
		expect(api.lease(namespace, defaultLeaseName(name))).toBeUndefined();
		pass(1);
		expect(await other.take(name, "b", ttlMs, signal)).toEqual({ isTaken: true, epoch: 3 });
		expect(await one.renew(name, "a", 2, ttlMs, signal)).toBe(false);
	});

	it("and the epochs go on when the Lease was deleted and another process has created it again", async () => {
		const name = newLeaderName();
		const other = store();
		for (let epoch = 1; epoch <= 5; epoch += 1) await other.take(name, "b", ttlMs, signal);
		api.delete(namespace, defaultLeaseName(name));
		const one = store();
		expect(epochOf(await one.take(name, "a", ttlMs, signal))).toBe(1);
		await one.release(name, "a", 1, signal);
		expect(epochOf(await other.take(name, "b", ttlMs, signal))).toBe(6);
	});

	it("is shown by the clock of the API server, like the age of a note", async () => {
		const name = newLeaderName();
		const [one, other] = [store(), store()];
		api.clockOffsetMs = 7_200_000;
		await one.take(name, "a", ttlMs, signal);
		await one.renew(name, "a", 1, ttlMs, signal, "a note");
		expect(leaseOf(name).spec["acquireTime"]).toBe(new Date(Date.now() + 7_200_000).toISOString().replace("Z", "000Z"));
		// The clock of the next process is wrong in another way.
		vi.setSystemTime(Date.now() - 86_400_000);
		api.clockOffsetMs += 86_400_000;
		pass(60_000);
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ leader: { ledForMs: 60_000 } });
		await one.release(name, "a", 1, signal);
		expect(await other.take(name, "b", ttlMs, signal)).toMatchObject({ note: { text: "a note", ageMs: 60_000 } });
	});
});

describe("a reply that is lost or late", () => {
	it.each(["POST", "PUT"])("of a %s that took the lead: the next call takes it again", async (method) => {
		const name = newLeaderName();
		const one = store();
		const first = method === "PUT" ? epochOf(await one.take(name, "z", ttlMs, signal)) : 0;
		if (first > 0) await one.release(name, "z", first, signal);
		api.fault(method, "lose");
		await expect(one.take(name, "a", ttlMs, signal)).rejects.toThrow(`@x/keepalive-kubernetes: ${method} /apis/`);
		expect(await one.take(name, "a", ttlMs, signal)).toEqual({ isTaken: true, epoch: first + 2 });
	});

	it("of a renewal: the next one succeeds", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		api.fault("PUT", "lose");
		await expect(one.renew(name, "a", 1, ttlMs, signal)).rejects.toThrow();
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
	});

	it("of a release: nobody leads", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		api.fault("PUT", "lose");
		await expect(one.release(name, "a", 1, signal)).rejects.toThrow();
		await one.release(name, "a", 1, signal);
		expect(leaseOf(name).spec["holderIdentity"]).toBe("");
	});

	it("does not undo what another process did meanwhile, when the request that takes the lead arrives late", async () => {
		const name = newLeaderName();
		for (const method of ["POST", "PUT"]) {
			const held = api.fault(method, "hold");
			const controller = new AbortController();
			const late = messageOf(store().take(name, "a", ttlMs, controller.signal));
			await held.arrived;
			controller.abort(new Error("given up"));
			expect(await late).toContain("given up");
			const epoch = epochOf(await store().take(name, "b", ttlMs, signal));
			await held.letGo();
			expect(api.received.at(-1)?.body).toContain('"a"');
			expect(leaseOf(name).spec).toMatchObject({ holderIdentity: "b", leaseTransitions: epoch });
			await store().release(name, "b", epoch, signal);
		}
	});

	it("does not take the lead back when a renewal arrives after the release", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		const held = api.fault("PUT", "hold");
		const renewal = one.renew(name, "a", 1, ttlMs, signal);
		await held.arrived;
		await one.release(name, "a", 1, signal);
		await held.letGo();
		expect(await renewal).toBe(false);
		expect(leaseOf(name).spec["holderIdentity"]).toBe("");
	});

	it("releases also when a renewal that was under way arrived first", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		const held = api.fault("PUT", "hold");
		const release = one.release(name, "a", 1, signal);
		await held.arrived;
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
		await held.letGo();
		await release;
		expect(leaseOf(name).spec["holderIdentity"]).toBe("");
	});
});

describe("a Lease that another program changes", () => {
	it("is renewed as it is then", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		edit(name, ({ metadata, ...rest }) => ({ ...rest, metadata: { ...metadata, labels: { team: "desk" } } }));
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
		expect(leaseOf(name).metadata).toMatchObject({ labels: { team: "desk" } });
	});

	it("again during the second attempt makes the renewal reject: the process leads still", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		const body = status(409, "Conflict", "the object has been modified", defaultLeaseName(name));
		for (let attempts = 0; attempts < 2; attempts += 1) api.fault("PUT", { status: 409, body });
		await expect(one.renew(name, "a", 1, ttlMs, signal)).rejects.toThrow("during both attempts");
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
	});

	it("and gives to another holder is not renewed", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		edit(name, ({ spec, ...rest }) => ({ ...rest, spec: { ...spec, holderIdentity: "kubectl" } }));
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(false);
	});

	it.each([
		["spec.holderIdentity", { spec: { holderIdentity: 7 } }],
		["spec.leaseDurationSeconds", { spec: { holderIdentity: "z" } }],
		["spec.leaseDurationSeconds", { spec: { holderIdentity: "z", leaseDurationSeconds: 0.5 } }],
		["spec.leaseDurationSeconds", { spec: { holderIdentity: "z", leaseDurationSeconds: 0 } }],
		["spec.leaseTransitions", { spec: { leaseTransitions: 2_147_483_648 } }],
		["spec.leaseTransitions", { spec: { leaseTransitions: "1" } }],
		["metadata.uid", { metadata: { uid: "" } }],
		["metadata.resourceVersion", { metadata: { resourceVersion: 7 } }],
		["metadata.name", { metadata: { name: "another" } }],
		["metadata", { metadata: null }],
		["spec", { spec: [] }],
		["kind", { kind: "Lose" }],
	])("is refused with its %s as in %j", async (member, part) => {
		const name = newLeaderName();
		const metadata = { name: defaultLeaseName(name), uid: "u", resourceVersion: "1" };
		const { metadata: given = {}, ...rest } = { metadata: {}, ...part };
		const lease = { kind: "Lease", ...rest, metadata: given === null ? null : { ...metadata, ...given } };
		api.fault("GET", { status: 200, body: JSON.stringify(lease) });
		const message = await messageOf(store().take(name, "a", ttlMs, signal));
		expect(message).toMatch(
			/^Error: @x\/keepalive-kubernetes: the API server's reply cannot be used as the Lease \S+: /,
		);
		expect(message).toContain(`: ${member} is `);
	});

	it("is not led by a process whose holder or epoch was not stored, such as by a webhook that changes it", async () => {
		const name = newLeaderName();
		await store().take(name, "z", ttlMs, signal);
		api.fault("PUT", { status: 200, body: JSON.stringify(leaseOf(name)) });
		await expect(store().take(name, "z", ttlMs, signal)).rejects.toThrow('got holder "z" and epoch 1');
	});
});

describe("inspect", () => {
	it("says who leads and who could, without a change", async () => {
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
		"with the verbs %j says whether this process could lead without a Lease: %j, with one: %j",
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

	it("rejects when the API server cannot be asked", async () => {
		await expect(store({ token: "planted-wrong" }).inspect("a")).rejects.toThrow("401 Unauthorized");
	});
});
