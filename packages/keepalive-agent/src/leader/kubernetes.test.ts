import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kubernetesLeaderStore } from "@x/keepalive-kubernetes";
import { expect, it, onTestFinished } from "vitest";
import { KubernetesApi } from "../../../keepalive-kubernetes/src/testing/kubernetes-api.ts";
import { podFiles } from "../../../keepalive-kubernetes/src/testing/pod-files.ts";
import { startRun } from "../testing/agent-process.ts";
import { runMain } from "../testing/run-main.ts";
import { planted, secrets, serveVenues } from "../testing/serve-venues.ts";
import { eventually, saysArmed } from "./testing/two-machines.ts";

it("two agents with a Kubernetes Lease: one leads, keepalive check names this leader, and the other takes over when the leader is killed", async () => {
	const api = await KubernetesApi.start();
	onTestFinished(() => api.close());
	const pod = podFiles(api, "planted-token", "trading");
	onTestFinished(() => pod[Symbol.dispose]());
	const venues = await serveVenues();
	onTestFinished(() => venues.close());
	const url = `https://127.0.0.1:${api.port}`;
	const section = `leader: { ttlMs: 5000, kubernetes: { url: "${url}", serviceAccountFolder: ${pod.folder} } }\nhistory: false\n`;
	const configOf = (machine: number): string => {
		const file = join(venues.folder, `pod-${machine}.yaml`);
		writeFileSync(file, readFileSync(venues.configure(["deribit"], section), "utf8"));
		return file;
	};
	const start = async (machine: number) => {
		const agent = await startRun(configOf(machine), secrets);
		onTestFinished(async () => {
			agent.kill("SIGKILL");
			await agent.ended;
		});
		return agent;
	};
	const first = await start(1);
	await eventually(() => saysArmed(first.url));
	const second = await start(2);
	const check = await runMain(["check", "-c", configOf(3)], { environment: secrets });
	expect([check.code, check.out]).toEqual([
		0,
		expect.stringMatching(/leader +\S+, for .* \(epoch \d+\)\n +takeover +this/),
	]);
	expect(await saysArmed(second.url)).toBe(false);
	first.kill("SIGKILL");
	await eventually(() => saysArmed(second.url));
	expect(venues.deribit.truth().connections.filter(({ armed }) => armed)).toHaveLength(1);
	for (const text of [first.output(), second.output(), check.out]) expect(text).not.toMatch(planted);
});

it("keepalive check names the leader even if this machine's service account may only read the Lease, and exits with 3", async () => {
	const api = await KubernetesApi.start();
	onTestFinished(() => api.close());
	using pod = podFiles(api, "planted-token", "trading");
	const venues = await serveVenues();
	onTestFinished(() => venues.close());
	const kubernetes = { url: `https://127.0.0.1:${api.port}`, serviceAccountFolder: pod.folder };
	await kubernetesLeaderStore(kubernetes).take("hedge", "desk-a/1", 60_000, new AbortController().signal);
	api.addAccount("planted-token", "trading", ["get"]);
	const section = `leader: { kubernetes: ${JSON.stringify(kubernetes)} }\nhistory: false\n`;
	const { code, out } = await runMain(["check", "-c", venues.configure(["deribit"], section)], {
		environment: secrets,
	});
	expect([code, out]).toEqual([
		3,
		expect.stringMatching(/leader +desk-a\/1, for .* \(epoch 1\)\n +takeover +this machine could NOT lead/),
	]);
});
