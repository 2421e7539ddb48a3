import { describe, expect, it } from "vitest";
import { newLeaderName } from "../../keepalive/src/testing/leader-store-tests.ts";
import { defaultLeaseName } from "./lease-name.ts";
import { api, edit, leaseOf, messageOf, signal, status, store, ttlMs, useApi } from "./testing/test-leader-stores.ts";

useApi();

describe("kubernetesLeaderStore: a Lease that another program changes", () => {
	it("renew() keeps a change that another program made to the Lease", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		edit(name, ({ metadata, ...rest }) => ({ ...rest, metadata: { ...metadata, labels: { team: "desk" } } }));
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
		expect(leaseOf(name).metadata).toMatchObject({ labels: { team: "desk" } });
	});

	it("renew() rejects when other programs change the Lease during each of its two attempts, but this process stays the leader", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		const body = status(409, "Conflict", "the object has been modified", defaultLeaseName(name));
		for (let attempts = 0; attempts < 2; attempts += 1) api.fault("PUT", { status: 409, body });
		await expect(one.renew(name, "a", 1, ttlMs, signal)).rejects.toThrow("during both attempts");
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
	});

	it("renew() returns false when another program has changed the holder of the Lease", async () => {
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
	])("take() refuses a Lease whose %s is wrong: %j", async (member, part) => {
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

	it("take() rejects when the API server stores another holder or epoch than was sent, such as after a change by an admission webhook", async () => {
		const name = newLeaderName();
		await store().take(name, "z", ttlMs, signal);
		api.fault("PUT", { status: 200, body: JSON.stringify(leaseOf(name)) });
		await expect(store().take(name, "z", ttlMs, signal)).rejects.toThrow('got holder "z" and epoch 1');
	});
});
