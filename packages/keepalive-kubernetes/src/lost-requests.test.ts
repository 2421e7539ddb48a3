import { describe, expect, it } from "vitest";
import { epochOf, newLeaderName } from "../../keepalive/src/testing/leader-store-tests.ts";
import { api, leaseOf, messageOf, signal, store, ttlMs, useApi } from "./testing/test-leader-stores.ts";

useApi();

describe("kubernetesLeaderStore when requests or replies are lost or late", () => {
	it.each(["POST", "PUT"])("take() succeeds at the next call after the reply to its %s was lost", async (method) => {
		const name = newLeaderName();
		const one = store();
		const first = method === "PUT" ? epochOf(await one.take(name, "z", ttlMs, signal)) : 0;
		if (first > 0) await one.release(name, "z", first, signal);
		api.fault(method, "lose");
		await expect(one.take(name, "a", ttlMs, signal)).rejects.toThrow(`@x/keepalive-kubernetes: ${method} /apis/`);
		expect(await one.take(name, "a", ttlMs, signal)).toEqual({ isTaken: true, epoch: first + 2 });
	});

	it("renew() succeeds at the next call after the reply to a renewal was lost", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		api.fault("PUT", "lose");
		await expect(one.renew(name, "a", 1, ttlMs, signal)).rejects.toThrow();
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
	});

	it("release() succeeds at the next call after the reply to its first call was lost", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		api.fault("PUT", "lose");
		await expect(one.release(name, "a", 1, signal)).rejects.toThrow();
		await one.release(name, "a", 1, signal);
		expect(leaseOf(name).spec["holderIdentity"]).toBe("");
	});

	it("take() whose request arrives late does not take the lead from another process", async () => {
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

	it("renew() whose request arrives after the release of the same process does not take the lead back", async () => {
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

	it("release() gives up the lead even if the server first executes a renewal that the same process sent after the release", async () => {
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
