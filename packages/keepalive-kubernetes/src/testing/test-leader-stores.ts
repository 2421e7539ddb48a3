import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import { type KubernetesLeaderStore, type KubernetesLeaderStoreOptions, kubernetesLeaderStore } from "../index.ts";
import { defaultLeaseName } from "../lease-name.ts";
import { KubernetesApi, type LeaseObject } from "./kubernetes-api.ts";

export const signal: AbortSignal = new AbortController().signal;
export const ttlMs = 15_000;
export const namespace = "trading";
export const token = "planted-token";

/** The API server of the current test file. It is assigned before the first test. */
export let api: KubernetesApi;

/** Starts a simulated API server before the tests of the file, and stops it after them. */
export function useApi(): void {
	beforeAll(async () => {
		api = await KubernetesApi.start();
		api.addAccount(token, namespace);
	});
	afterAll(() => api.close());
	afterEach(() => {
		vi.useRealTimers();
		api.clockOffsetMs = 0;
	});
}

/** Makes a new store, like the store of another process. */
export function store(options: KubernetesLeaderStoreOptions = {}): KubernetesLeaderStore {
	return kubernetesLeaderStore({ url: api.url, ca: api.ca, namespace, token, ...options });
}

/** The Lease as the API server stores it, for a name under which processes elect a leader. */
export function leaseOf(name: string): LeaseObject {
	return api.lease(namespace, defaultLeaseName(name)) ?? expect.fail(`there is no Lease for ${name}`);
}

export const edit = (name: string, change: (lease: LeaseObject) => object): void =>
	api.edit(namespace, defaultLeaseName(name), change);

/** How many requests with this method the API server has received. */
export const requestsOf = (method: string): number => api.received.filter((each) => each.method === method).length;

/** Makes the body with which the API server answers a refused request. */
export const status = (code: number, reason: string, message: string, name = ""): string =>
	JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", reason, message, code, details: { name } });

export const messageOf = (failing: Promise<unknown>): Promise<string> =>
	failing.then(
		() => expect.fail("it did not reject"),
		(error: unknown) => String(error),
	);
