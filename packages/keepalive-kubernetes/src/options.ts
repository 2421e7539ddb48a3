import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OptionError } from "@x/base/errors";
import {
	anyOf,
	checkOptions,
	func,
	nonEmptyString,
	optional,
	type Rule,
	rule,
	secret,
	url as urlRule,
} from "@x/base/option-schema";
import { defaultLeaseName } from "./lease-name.ts";

/**
 * Returns the token to send, such as a token that a cloud provider issues. Called for each request, and once more for a request
 * whose token the API server refused.
 */
export type KubernetesToken = () => string | Promise<string>;

/** How the store reaches the API server. In a pod every option has a default. */
export interface KubernetesLeaderStoreOptions {
	/**
	 * Address of the API server, such as `https://10.0.0.1:6443`. An `http://` address must be on this machine, such as that of
	 * `kubectl proxy`. Default: the API server of the cluster in which the program runs.
	 */
	readonly url?: string | URL;
	/** The namespace of the Leases. Default: the namespace of the pod. */
	readonly namespace?: string;
	/**
	 * The token to send. Default: the token of the pod's service account, whose file is read again because Kubernetes replaces the token.
	 * Errors never show the token.
	 */
	readonly token?: string | KubernetesToken;
	/**
	 * The certificates that the API server's certificate is checked against, as PEM text. Default: `ca.crt` of the service
	 * account; if there is no such file, the certificates that Node.js trusts.
	 */
	readonly ca?: string;
	/** The folder with `token`, `namespace` and `ca.crt` of the service account. Default `/var/run/secrets/kubernetes.io/serviceaccount`. */
	readonly serviceAccountFolder?: string;
	/**
	 * Returns the name of the Lease for a name under which processes elect a leader. Default: `keepalive-<name>` if this is not
	 * too long and the name has only lower-case letters, digits and single hyphens. Otherwise the name is shortened, its other
	 * characters are replaced, and a hash is added.
	 */
	readonly leaseName?: (name: string) => string;
}

/** The options after the check, with the defaults filled in. */
export interface ResolvedOptions {
	/** Address of the API server, without a slash at the end. */
	readonly url: string;
	readonly namespace: string;
	/**
	 * The token to send, the function that returns it, or the file that contains it. The file is read again after a minute, or
	 * when the token from it is refused. Undefined if no token is sent.
	 */
	readonly token: string | KubernetesToken | { readonly file: string } | undefined;
	readonly ca: string | { readonly file: string } | undefined;
	readonly leaseName: (name: string) => string;
}

export const packageName = "@x/keepalive-kubernetes";

/**
 * Checks the options and fills in the defaults.
 *
 * @throws OptionError
 */
export function resolveOptions(options: KubernetesLeaderStoreOptions): ResolvedOptions {
	checkOptions<KubernetesLeaderStoreOptions>(
		packageName,
		{
			url: optional(urlRule("https")),
			namespace: optional(rule("lower-case letters, digits and hyphens, 63 at most", isLabel)),
			token: optional(secret(anyOf<string | KubernetesToken>(nonEmptyString(), func()))),
			// The option is secret: errors do not show its value, because a program may pass a file with a private key by
			// mistake.
			ca: optional(secret(certificateRule())),
			serviceAccountFolder: optional(nonEmptyString()),
			leaseName: optional(func()),
		},
		options,
	);
	const {
		url = clusterUrl(),
		serviceAccountFolder: folder = "/var/run/secrets/kubernetes.io/serviceaccount",
		leaseName = defaultLeaseName,
	} = options;
	const { origin, pathname, protocol } = new URL(url);
	const isEncrypted = protocol === "https:";
	const tokenFile = join(folder, "token");
	// Over plain HTTP, such as to `kubectl proxy`, the token of the pod is not sent by default: `kubectl proxy` adds a token of
	// its own.
	const { token = isEncrypted ? { file: tokenFile } : undefined } = options;
	if (typeof token === "object" && !existsSync(token.file)) {
		throw new OptionError(packageName, "token", `must be given: there is no file ${tokenFile}`);
	}
	const caFile = join(folder, "ca.crt");
	return {
		url: origin + pathname.replace(/\/+$/, ""),
		namespace: options.namespace ?? podNamespace(join(folder, "namespace")),
		token,
		ca: options.ca ?? (existsSync(caFile) ? { file: caFile } : undefined),
		leaseName,
	};
}

/** The address of the cluster's API server, from the environment variables that Kubernetes sets in each container. */
function clusterUrl(): string {
	const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = process.env;
	const url = `https://${host?.includes(":") ? `[${host}]` : host}:${port}`;
	if (!host || !URL.canParse(url)) {
		const problem =
			"must be given: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not the address of a cluster";
		throw new OptionError(packageName, "url", problem);
	}
	return url;
}

function podNamespace(file: string): string {
	if (!existsSync(file)) throw new OptionError(packageName, "namespace", `must be given: there is no file ${file}`);
	const namespace = readFileSync(file, "utf8").trim();
	if (isLabel(namespace)) return namespace;
	throw new OptionError(packageName, "namespace", `must be given: the file ${file} contains no name of a namespace`);
}

/** Whether a value is a DNS label, as RFC 1123 defines it. */
function isLabel(value: unknown): boolean {
	return typeof value === "string" && value.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value);
}

const certificateRule = (): Rule<string> =>
	rule("the PEM text of a certificate", (value) => {
		try {
			return typeof value === "string" && new X509Certificate(value).raw.length > 0;
		} catch {
			return false;
		}
	});
