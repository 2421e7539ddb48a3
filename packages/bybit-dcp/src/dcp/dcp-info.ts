import type { components } from "../generated/schema.ts";
import { type BybitProduct, bybitProducts } from "./protected-product.ts";

/** Whether a product is protected, as read back from the venue. */
export type BybitDcpInfo =
	/**
	 * The product is enabled for this account. After a disconnection the venue waits `windowSeconds` before it cancels
	 * orders.
	 */
	| { readonly product: BybitProduct; readonly enabled: true; readonly windowSeconds: number }
	/** The venue does not list the product as enabled. Only an account manager of Bybit can enable the product. */
	| { readonly product: BybitProduct; readonly enabled: false };

/**
 * Converts the venue's list to one entry for each product, or returns what is wrong with the list.
 *
 * @internal
 */
export function readDcpInfos(
	infos: readonly components["schemas"]["DcpInfo"][],
): { readonly infos: BybitDcpInfo[] } | { readonly problem: string } {
	const read: BybitDcpInfo[] = [];
	for (const product of bybitProducts) {
		const entries = infos.filter((info) => info.product === product);
		const [info, second] = entries;
		// Two entries for a product contradict each other: it is unknown which time window is in force.
		if (second) return { problem: `${product} is listed ${entries.length} times` };
		if (info?.dcpStatus !== "ON") {
			read.push({ product, enabled: false });
			continue;
		}
		// The pattern is needed because Number() would accept texts such as "", " 10" and "1e1" too.
		if (!/^[1-9]\d{0,5}$/.test(info.timeWindow)) {
			return { problem: `the window of ${product} is not a whole number of seconds` };
		}
		read.push({ product, enabled: true, windowSeconds: Number(info.timeWindow) });
	}
	return { infos: read };
}
