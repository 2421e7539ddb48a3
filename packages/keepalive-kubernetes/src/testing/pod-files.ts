import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubernetesApi } from "./kubernetes-api.ts";

/**
 * The files of a service account as Kubernetes puts them into a pod, and the environment variables that Kubernetes sets in the pod.
 */
export interface PodFiles extends Disposable {
	readonly folder: string;
	readonly env: { readonly KUBERNETES_SERVICE_HOST: string; readonly KUBERNETES_SERVICE_PORT: string };
	/** Replaces the token, as Kubernetes does before a token expires. */
	rotate(token: string): void;
}

/** Adds a service account to the API server, and creates the files of a pod that uses this account. */
export function podFiles(api: KubernetesApi, token: string, namespace: string): PodFiles {
	api.addAccount(token, namespace);
	const folder = mkdtempDisposableSync(join(tmpdir(), "service-account-"));
	const write = (name: string, text: string): void => writeFileSync(join(folder.path, name), text);
	write("token", token);
	write("namespace", namespace);
	write("ca.crt", api.ca);
	return {
		folder: folder.path,
		env: { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(api.port) },
		rotate: (next) => write("token", next),
		[Symbol.dispose]: () => folder.remove(),
	};
}
