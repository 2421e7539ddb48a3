import { describe, expect, it, vi } from "vitest";
import { newLeaderName } from "../../keepalive/src/testing/leader-store-tests.ts";
import { type KubernetesLeaderStoreOptions, kubernetesLeaderStore } from "./index.ts";
import { defaultLeaseName } from "./lease-name.ts";
import { KubernetesApi } from "./testing/kubernetes-api.ts";
import { podFiles } from "./testing/pod-files.ts";
import {
	api,
	messageOf,
	namespace,
	signal,
	status,
	store,
	token,
	ttlMs,
	useApi,
} from "./testing/test-leader-stores.ts";

useApi();

describe("an error of kubernetesLeaderStore after a refusal", () => {
	const take = (options?: KubernetesLeaderStoreOptions) => store(options).take(newLeaderName(), "a", ttlMs, signal);

	it("the error of kubernetesLeaderStore after a refused token quotes the API server and says what to do, without showing the token", async () => {
		const message = await messageOf(take({ token: "planted-wrong" }));
		expect(message).toMatch(
			/GET \S+ failed: 401 Unauthorized: "Unauthorized"\. Check the token of the service account\.$/,
		);
		expect(message).not.toContain("planted");
	});

	it.each([
		["get", []],
		["create", ["get"]],
	] as const)("kubernetesLeaderStore's error says that %s is forbidden and which role to give", async (verb, verbs) => {
		api.addAccount(`may not ${verb}`.replaceAll(" ", "-"), namespace, verbs);
		const message = await messageOf(take({ token: `may-not-${verb}` }));
		expect(message).toContain(`403 Forbidden: "leases.coordination.k8s.io`);
		expect(message).toContain(`cannot ${verb} resource`);
		expect(message).toMatch(/Give the service account a role that may get, create and update leases\.$/);
	});

	it("the error of kubernetesLeaderStore after status 429 says how long the API server asks to wait", async () => {
		const body = status(429, "TooManyRequests", "the server has received too many requests");
		api.fault("GET", { status: 429, headers: { "retry-after": "3" }, body });
		expect(await messageOf(take())).toMatch(
			/failed: 429 TooManyRequests: ".*"\. The API server asks to wait for 3 s\.$/,
		);
	});

	it.each([
		[
			"a redirect",
			{ status: 302, headers: { location: "https://127.0.0.1:1/" }, body: "moved" },
			'302: "moved". Redirects',
		],
		[
			"a login page",
			{ status: 200, body: "<html>log in</html>" },
			'200: "<html>log in</html>". The reply is not a JSON object',
		],
		["a list", { status: 200, body: "[]" }, '200: "[]". The reply is not a JSON object'],
		["an empty one", { status: 503 }, "503 without a body."],
		["one of a megabyte", { status: 200, body: " ".repeat(1_000_001) }, "the reply has more than 1000000 bytes."],
		["the first half of one", { status: 200, body: "{", isCut: true }, "GET /apis/coordination.k8s.io/v1/namespaces/"],
	])("kubernetesLeaderStore's error quotes a reply that is not from the API server: %s", async (_, fault, quote) => {
		api.fault("GET", fault);
		expect(await messageOf(take())).toContain(quote);
	});

	it("the error of kubernetesLeaderStore does not show the token, even if the reply contains the token", async () => {
		for (const body of [status(500, token, `no ${token}`), `no ${token}`, `${"x".repeat(4_090)}${token}`]) {
			api.fault("GET", { status: 500, body });
			expect(await messageOf(take())).not.toContain("planted");
		}
	});

	it("kubernetesLeaderStore does not lose the lead when a refusal comes from a proxy in front of the API server", async () => {
		const name = newLeaderName();
		const [one, other] = [store(), store()];
		await one.take(name, "a", ttlMs, signal);
		const details = { name: defaultLeaseName(name) };
		for (const body of [
			"404 page not found",
			status(404, "NotFound", "could not find the requested resource"),
			JSON.stringify({ reason: "NotFound", details }),
			JSON.stringify({ reason: "Conflict", details }),
		]) {
			api.fault("GET", { status: 404, body });
			await expect(other.renew(name, "a", 1, ttlMs, signal)).rejects.toThrow("404");
			api.fault("PUT", { status: 409, body });
			await expect(one.renew(name, "a", 1, ttlMs, signal)).rejects.toThrow("409");
		}
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
	});
});

describe("the token of kubernetesLeaderStore", () => {
	it("kubernetesLeaderStore reads the token from its file again when the API server refuses the token, and the call then succeeds", async () => {
		using pod = podFiles(api, "planted-first", namespace);
		const name = newLeaderName();
		const one = kubernetesLeaderStore({ url: api.url, serviceAccountFolder: pod.folder });
		await one.take(name, "a", ttlMs, signal);
		api.addAccount("planted-second", namespace);
		api.removeToken("planted-first");
		pod.rotate("planted-second\n");
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
		api.removeToken("planted-second");
		const message = await messageOf(one.renew(name, "a", 1, ttlMs, signal));
		expect(message).toContain("401 Unauthorized");
		expect(message).not.toContain("planted");
	});

	it("kubernetesLeaderStore does not send a refused token a second time", async () => {
		api.fault("GET", { status: 401, body: status(401, "Unauthorized", "Unauthorized") });
		await expect(store().take(newLeaderName(), "a", ttlMs, signal)).rejects.toThrow("401 Unauthorized");
	});

	it("kubernetesLeaderStore reads the token from its file again after a minute, even if the old token is still accepted", async () => {
		vi.useFakeTimers({ toFake: ["performance"] });
		using pod = podFiles(api, "planted-old", namespace);
		api.addAccount("planted-new", namespace);
		const one = kubernetesLeaderStore({ url: api.url, serviceAccountFolder: pod.folder });
		const sent = async () => {
			await one.inspect(newLeaderName());
			return api.received.at(-1)?.headers.authorization;
		};
		expect(await sent()).toBe("Bearer planted-old");
		pod.rotate("planted-new");
		vi.advanceTimersByTime(59_999);
		expect(await sent()).toBe("Bearer planted-old");
		vi.advanceTimersByTime(1);
		expect(await sent()).toBe("Bearer planted-new");
	});

	it("kubernetesLeaderStore calls the function in the option token for each request, and once more when the API server refuses the token", async () => {
		const tokens = ["planted-refused", token, token];
		const one = store({ token: async () => tokens.shift() ?? "planted-refused" });
		expect(await one.take(newLeaderName(), "a", ttlMs, signal)).toEqual({ isTaken: true, epoch: 1 });
		expect(tokens).toEqual([]);
	});

	it.each(["planted\nInjected: header", "planted token", "", 7])(
		"a call of kubernetesLeaderStore rejects when the function in the option token returns %j",
		async (bad) => {
			// The cast is needed because the token is wrong on purpose, as a JavaScript program could return it.
			const message = await messageOf(store({ token: () => bad as string }).take("a", "a", ttlMs, signal));
			expect(message).toMatch(/^Error: @x\/keepalive-kubernetes: the token contains /);
			expect(message).not.toContain("planted");
		},
	);

	it("kubernetesLeaderStore does not send the pod's token over plain HTTP, but sends a token from the option token", async () => {
		const plain = await KubernetesApi.start(false);
		using pod = podFiles(plain, "planted-plain", namespace);
		const options = { url: plain.url, serviceAccountFolder: pod.folder };
		const without = kubernetesLeaderStore(options);
		await expect(without.take("a", "a", ttlMs, signal)).rejects.toThrow("401 Unauthorized");
		const given = kubernetesLeaderStore({ ...options, token: "planted-plain" });
		expect(await given.take("a", "a", ttlMs, signal)).toEqual({ isTaken: true, epoch: 1 });
		await plain.close();
	});

	it("kubernetesLeaderStore sends no token to a server whose certificate is not signed by the authority in the option ca", async () => {
		const other = await KubernetesApi.start();
		const before = api.received.length;
		await expect(store({ ca: other.ca }).take("a", "a", ttlMs, signal)).rejects.toThrow("certificate");
		expect(api.received).toHaveLength(before);
		await other.close();
	});
});

describe("a call of kubernetesLeaderStore", () => {
	it("a call of kubernetesLeaderStore that hangs rejects with the reason of its signal, and the next call succeeds", async () => {
		const name = newLeaderName();
		const one = store();
		await one.take(name, "a", ttlMs, signal);
		const hanging = api.fault("PUT", "hang");
		const controller = new AbortController();
		const renewal = messageOf(one.renew(name, "a", 1, ttlMs, controller.signal));
		await hanging.arrived;
		controller.abort(new Error("given up"));
		expect(await renewal).toBe("Error: given up");
		expect(await one.renew(name, "a", 1, ttlMs, signal)).toBe(true);
	});

	it("a call of kubernetesLeaderStore sends nothing when its signal has already aborted", async () => {
		const before = api.received.length;
		const aborted = AbortSignal.abort(new Error("before"));
		await expect(store().take("a", "a", ttlMs, aborted)).rejects.toThrow("before");
		expect(api.received).toHaveLength(before);
	});

	it("a call of kubernetesLeaderStore that fails closes the idle connections, because each of them may be dead too", async () => {
		const alone = await KubernetesApi.start();
		alone.addAccount(token, namespace);
		const one = store({ url: alone.url, ca: alone.ca });
		await Promise.all(["a", "b", "c"].map((name) => one.take(name, "a", ttlMs, signal)));
		expect(alone.connections).toBe(3);
		alone.fault("GET", "hang");
		await expect(one.take("a", "b", ttlMs, AbortSignal.timeout(100))).rejects.toThrow();
		await vi.waitFor(() => expect(alone.connections).toBe(0));
		await alone.close();
	});

	it("a call of kubernetesLeaderStore rejects without showing the token while the server is down, and succeeds once the server is back", async () => {
		const message = await messageOf(store({ url: "https://127.0.0.1:1" }).take("a", "a", ttlMs, signal));
		expect(message).toMatch(/^Error: @x\/keepalive-kubernetes: GET \S+ failed: connect ECONNREFUSED 127\.0\.0\.1:1\.$/);
		api.fault("GET", "drop");
		const one = store();
		const name = newLeaderName();
		await expect(one.take(name, "a", ttlMs, signal)).rejects.toThrow("failed: ");
		expect(await one.take(name, "a", ttlMs, signal)).toEqual({ isTaken: true, epoch: 1 });
	});
});
