import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { kubernetesLeaderStore } from "./index.ts";
import { defaultLeaseName, isLeaseName } from "./lease-name.ts";
import { resolveOptions } from "./options.ts";
import { KubernetesApi } from "./testing/kubernetes-api.ts";
import { type PodFiles, podFiles } from "./testing/pod-files.ts";

const { signal } = new AbortController();
let api: KubernetesApi;
let pod: PodFiles;
beforeAll(async () => {
	api = await KubernetesApi.start();
	pod = podFiles(api, "planted-token", "trading");
});
afterAll(async () => {
	pod[Symbol.dispose]();
	await api.close();
});
afterEach(() => {
	vi.unstubAllEnvs();
});

function inCluster(host: string | undefined, port?: string): void {
	vi.stubEnv("KUBERNETES_SERVICE_HOST", host);
	vi.stubEnv("KUBERNETES_SERVICE_PORT", port);
}

describe("the options of kubernetesLeaderStore", () => {
	const given = { url: "https://127.0.0.1:1", token: "planted-token", namespace: "trading" };

	it.each([
		[{ ...given, url: "http://10.0.0.1" }, "url"],
		[{ ...given, url: "https://user:planted@10.0.0.1" }, "url"],
		[{ ...given, url: "10.0.0.1" }, "url"],
		[{ ...given, namespace: "Trading" }, "namespace"],
		[{ ...given, namespace: "trading/../default" }, "namespace"],
		[{ ...given, namespace: "a".repeat(64) }, "namespace"],
		[{ ...given, token: "" }, "token"],
		[{ ...given, token: { file: "planted" } }, "token"],
		[{ ...given, token: 31_415_926 }, "token"],
		[{ ...given, ca: "planted" }, "ca"],
		[{ ...given, serviceAccountFolder: "" }, "serviceAccountFolder"],
		[{ ...given, leaseName: "a" }, "leaseName"],
		[{ ...given, namespaces: "a" }, "namespaces"],
		[{ url: given.url, token: given.token, serviceAccountFolder: "/not/there" }, "namespace"],
		[{ url: given.url, namespace: given.namespace, serviceAccountFolder: "/not/there" }, "token"],
	])("kubernetesLeaderStore refuses the options %j", (options, option) => {
		// The cast is needed because the options are wrong on purpose, as a JavaScript program could pass them.
		const make = () => kubernetesLeaderStore(options as Parameters<typeof kubernetesLeaderStore>[0]);
		expect(make).toThrow(`@x/keepalive-kubernetes: option ${option} `);
		expect(make).not.toThrow(/planted|31415926/);
	});

	it("kubernetesLeaderStore needs no options in a pod", async () => {
		inCluster(pod.env.KUBERNETES_SERVICE_HOST, pod.env.KUBERNETES_SERVICE_PORT);
		const store = kubernetesLeaderStore({ serviceAccountFolder: pod.folder });
		expect(await store.take("venue", "a", 15_000, signal)).toEqual({ isTaken: true, epoch: 1 });
		expect(api.lease("trading", "keepalive-venue")?.spec).toMatchObject({ holderIdentity: "a" });
	});

	it.each([
		["10.96.0.1", "443", "https://10.96.0.1"],
		["10.96.0.1", undefined, "https://10.96.0.1"],
		["fd00::1", "6443", "https://[fd00::1]:6443"],
	])("resolveOptions builds the url from the host %s and the port %s of the environment: %s", (host, port, url) => {
		inCluster(host, port);
		expect(resolveOptions({ serviceAccountFolder: pod.folder }).url).toBe(url);
	});

	it.each([undefined, "", "a b"])("kubernetesLeaderStore needs a url if KUBERNETES_SERVICE_HOST is %j", (host) => {
		inCluster(host, "443");
		expect(() => kubernetesLeaderStore({ serviceAccountFolder: pod.folder })).toThrow("option url must be given");
	});

	it("resolveOptions keeps the path of a url, such as the path at a proxy for several clusters", () => {
		const url = "https://proxy.example/k8s/clusters/c-1/";
		expect(resolveOptions({ url, serviceAccountFolder: pod.folder }).url).toBe(
			"https://proxy.example/k8s/clusters/c-1",
		);
	});

	it("kubernetesLeaderStore trusts the certificates that Node.js trusts when the service account has no ca.crt", async () => {
		using other = podFiles(api, "planted-other", "trading");
		rmSync(join(other.folder, "ca.crt"));
		const store = kubernetesLeaderStore({ url: api.url, serviceAccountFolder: other.folder });
		await expect(store.take("a", "a", 15_000, signal)).rejects.toThrow("self-signed certificate");
	});

	it("kubernetesLeaderStore ignores a namespace file that contains no valid namespace", () => {
		using other = podFiles(api, "planted-other", "trading");
		writeFileSync(join(other.folder, "namespace"), "../default");
		const options = { url: api.url, serviceAccountFolder: other.folder };
		expect(() => kubernetesLeaderStore(options)).toThrow("option namespace must be given");
	});
});

describe("the name of a Lease", () => {
	it.each([
		["deribit", "keepalive-deribit"],
		["bybit-2", "keepalive-bybit-2"],
		["Bybit main", /^keepalive-bybit-main\.[0-9a-f]{32}$/],
		["bybit--main", /^keepalive-bybit-main\.[0-9a-f]{32}$/],
		["bybit.main", /^keepalive-bybit-main\.[0-9a-f]{32}$/],
		["-", /^keepalive\.[0-9a-f]{32}$/],
		["株", /^keepalive\.[0-9a-f]{32}$/],
		["a".repeat(300), /^keepalive-a{90}\.[0-9a-f]{32}$/],
		[`${"a".repeat(89)}-b`, `keepalive-${"a".repeat(89)}-b`],
		[`${"a".repeat(89)} b`, /^keepalive-a{89}\.[0-9a-f]{32}$/],
	])("the default Lease name for the leader name %s is %s", (name, lease) => {
		expect(defaultLeaseName(name)).toMatch(lease instanceof RegExp ? lease : new RegExp(`^${lease}$`));
		expect(isLeaseName(defaultLeaseName(name))).toBe(true);
	});

	it("two leader names never get the same default Lease name, even if they differ only in characters that a Lease name cannot have", () => {
		const names = [
			"a-b",
			"a b",
			"a_b",
			"A-b",
			"a--b",
			"a-b-",
			"a.b",
			"a/b",
			defaultLeaseName("a b").slice("keepalive-".length),
		];
		expect(new Set(names.map(defaultLeaseName)).size).toBe(names.length);
	});

	it("the option leaseName gives the Lease its name; take() rejects if the option returns a name that a Lease cannot have", async () => {
		const options = { url: api.url, serviceAccountFolder: pod.folder };
		const own = kubernetesLeaderStore({ ...options, leaseName: (name) => `desk.${name}` });
		await own.take("venue", "a", 15_000, signal);
		expect(api.lease("trading", "desk.venue")).toBeDefined();
		// The cast is needed because the last name is wrong on purpose, as a JavaScript program could return it.
		for (const bad of ["../secrets/x", "A", "", ".a", "a-", "a".repeat(254), undefined as unknown as string]) {
			const wrong = kubernetesLeaderStore({ ...options, leaseName: () => bad });
			await expect(wrong.take("venue", "a", 15_000, signal)).rejects.toThrow("option leaseName returned ");
		}
	});
});
