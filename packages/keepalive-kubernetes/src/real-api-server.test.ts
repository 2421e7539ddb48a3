/**
 * These tests run against a real API server. They are skipped unless TEST_KUBERNETES names a folder with the token, the namespace and the
 * CA certificates of a service account that has the permissions in the README. The address of the API server is read from
 * KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, as in a pod. The new Leases of each run are not deleted, because those permissions
 * do not allow it. Their names begin with `keepalive-test-`.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { epochOf, newLeaderName, testLeaderStore } from "../../keepalive/src/testing/leader-store-tests.ts";
import { type KubernetesLeaderStoreOptions, kubernetesLeaderStore } from "./index.ts";

const serviceAccountFolder = process.env["TEST_KUBERNETES"] ?? "";
const { signal } = new AbortController();
const ttlMs = 5_000;
const timeout = 30_000;
const run = `keepalive-test-${randomUUID().slice(0, 8)}`;
const leaseName = (name: string) => `${run}-${name.replaceAll(" ", "-")}`;
const store = (options: KubernetesLeaderStoreOptions = {}) =>
	kubernetesLeaderStore({ serviceAccountFolder, leaseName, ...options });

/** Starts a keeper in a separate process, like a pod. */
function startPod() {
	const program = join(import.meta.dirname, "testing/leader-program.ts");
	const child = spawn(process.execPath, [program, serviceAccountFolder, String(ttlMs), leaseName("venue")], {
		stdio: ["ignore", "pipe", "inherit"],
		timeout: 60_000,
	});
	onTestFinished(() => void child.kill("SIGKILL"));
	const lines: string[] = [];
	child.stdout.setEncoding("utf8").on("data", (text: string) => lines.push(...text.trim().split("\n")));
	const says = (line: string) => vi.waitFor(() => expect(lines).toContain(line), { timeout });
	return { child, lines, says };
}

describe.skipIf(serviceAccountFolder === "")("kubernetesLeaderStore at a real API server", () => {
	testLeaderStore(() => store());

	it("inspect() names the leader of a Lease, and changes nothing", async () => {
		const name = newLeaderName();
		const one = store();
		const before = await one.inspect(name);
		const epoch = epochOf(await one.take(name, "a", ttlMs, signal));
		expect([before, await one.inspect(name)]).toMatchObject([{}, { leader: { holder: "a", epoch } }]);
		expect(await one.renew(name, "a", epoch, ttlMs, signal)).toBe(true);
	});

	it("take() rejects with the words of the API server when the token is wrong, and does not show the token", async () => {
		const error = await store({ token: "a-wrong-token" })
			.take(newLeaderName(), "a", ttlMs, signal)
			.catch((reason: unknown) => String(reason));
		expect(error).toContain("401 Unauthorized");
		expect(error).not.toContain("a-wrong-token");
	});

	it("take() rejects with the words of the API server when the service account may not change Leases of a namespace", async () => {
		const refused = store({ namespace: "kube-system" }).take(newLeaderName(), "a", ttlMs, signal);
		await expect(refused).rejects.toThrow(/403 Forbidden.*cannot get resource .*leases/);
	});

	it("the second of two pods opens the session when the first is suspended, and the first pod opens the session again when the second is stopped", async () => {
		const a = startPod();
		await a.says("alive 1 true");
		const b = startPod();
		await b.says("standby 0 false");
		a.child.kill("SIGSTOP");
		await b.says("alive 2 true");
		a.lines.length = 0;
		a.child.kill("SIGCONT");
		await vi.waitFor(() => expect(a.lines.some((line) => line.startsWith("standby"))).toBe(true), { timeout });
		expect(a.lines.filter((line) => line.endsWith("true"))).toEqual([]);
		b.child.kill("SIGTERM");
		await a.says("alive 3 true");
	});
});
