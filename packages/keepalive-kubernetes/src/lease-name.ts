import { createHash } from "node:crypto";

const prefix = "keepalive-";

/** The longest name that an object of Kubernetes may have. */
const longestName = 253;

/** Whether an object of Kubernetes may have this name: a DNS subdomain, as RFC 1123 defines it. */
export function isLeaseName(value: unknown): value is string {
	if (typeof value !== "string" || value.length > longestName) return false;
	return value.split(".").every((label) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(label));
}

/**
 * The default name of the Lease for a name under which processes elect a leader. Different names get different Leases: if a
 * name is too long, or has anything but lower-case letters, digits and single hyphens, a dot and a hash are added at the end.
 */
export function defaultLeaseName(name: string): string {
	if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && prefix.length + name.length <= longestName) return prefix + name;
	const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
	const readable = `${prefix}${words.join("-")}`.slice(0, 100).replace(/-$/, "");
	return `${readable}.${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
}
