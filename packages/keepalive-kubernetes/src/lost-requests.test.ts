import { describe, expect, it } from "vitest";
import { epochOf, newLeaderName } from "../../keepalive/src/testing/leader-store-rules.ts";
import { api, leaseOf, messageOf, signal, store, ttlMs, useApi } from "./testing/store-stage.ts";

useApi();

describe("kubernetesLeaderStore when requests or replies are lost or late", () => {
	it.each(["POST", "PUT"])("takes the lead at the next call when the reply to a %s was lost", async (method) => {
		const name = newLeaderName();
		const one = store();
		const first = method === "PUT" ? epochOf(await one.take(name, "z", ttlMs, signal)) : 0;
		if (first > 0) await one.release(name, "z", first, signal);
		api.fault(method, "lose");
		await expect(one.take(name, "a", ttlMs, signal)).rejects.toThrow(`@x/keepalive-kubernetes: ${method} /apis/`);
		expect(await one.take(name, "a", ttlMs, signal)).toEqual({ isTaken: true, epoch: first + 2 });
	});

	it("renews at the next call after the reply to a renewal was lost", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		api.fault("PUT", "lose");
		await expect(one.renew(name, "a", 1, ttlMs, signal)).rejects.toThrow();
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
	});

	it("releases the lead when release() is called again after the reply to the first release was lost", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		api.fault("PUT", "lose");
		await expect(one.release(name, "a", 1, signal)).rejects.toThrow();
		await one.release(name, "a", 1, signal);
		expect(leaseOf(name).spec["holderIdentity"]).toBe("");
	});

	it("does not take the lead from another process when a request of an earlier take arrives late", async () => {
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

	it("does not take the lead back when a renewal arrives after the release of the same process", async () => {
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

	it("releases the Lease even if a renewal of the same process is executed while the release is on its way", async () => {
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
