import type { components } from "../generated/schema.ts";
import { type BybitProduct, bybitProducts } from "./product.ts";

/** What the venue says of one product. */
export type BybitDcpInfo =
	/** Switched on for this account; the window is how long the venue waits before it cancels. */
	| { readonly product: BybitProduct; readonly enabled: true; readonly windowSeconds: number }
	/** Absent from the venue's list: only the account manager can switch it on. */
	| { readonly product: BybitProduct; readonly enabled: false };

/**
 * What the venue's list says of every product: one that it does not name is not enabled. A list that contradicts itself is a problem, not a guess.
 */
export function readDcpInfos(
	infos: readonly components["schemas"]["DcpInfo"][],
): { readonly infos: BybitDcpInfo[] } | { readonly problem: string } {
	const read: BybitDcpInfo[] = [];
	for (const product of bybitProducts) {
		const named = infos.filter((info) => info.product === product);
		const [info, second] = named;
		// Two windows for one product: either could be the one in force, so neither is believed.
		if (second) return { problem: `${product} stands in the list ${named.length} times` };
		if (info?.dcpStatus !== "ON") {
			read.push({ product, enabled: false });
			continue;
		}
		// A text on the wire. Number() would also take "", " 10" and "1e1".
		if (!/^[1-9]\d{0,5}$/.test(info.timeWindow)) {
			return { problem: `the window of ${product} is no whole number of seconds` };
		}
		read.push({ product, enabled: true, windowSeconds: Number(info.timeWindow) });
	}
	return { infos: read };
}
