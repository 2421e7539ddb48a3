import type { BybitDcpInfo, BybitProduct } from "@x/bybit-dcp";
import type { BybitResolved } from "./options.ts";

/** What the venue's configuration was when it was last read, against what is asked for. */
export type Reading =
	| { readonly state: "equal" }
	/** Equal, but so soon after a set call of ours that the old window may still be in force. */
	| { readonly state: "early" }
	| { readonly state: "absent"; readonly products: readonly BybitProduct[] }
	| {
			readonly state: "differs";
			readonly products: readonly BybitProduct[];
			readonly found: string;
			readonly longestSeconds: number;
	  };

/** Every product is enabled, and some have another window than was asked for. */
export type Differing = Extract<Reading, { state: "differs" }>;

/** What the venue's list says against what is asked for; `equal` is all that it can say of a window in force. */
export function readingOf(
	infos: readonly BybitDcpInfo[],
	{ products, windowSeconds }: Pick<BybitResolved, "products" | "windowSeconds">,
): Reading {
	const asked = products.map((product) => infos.find((info) => info.product === product));
	const absent = products.filter((_, index) => !asked[index]?.enabled);
	if (absent.length > 0) return { state: "absent", products: absent };
	const differing = asked.flatMap((info) => (info?.enabled && info.windowSeconds !== windowSeconds ? [info] : []));
	if (differing.length === 0) return { state: "equal" };
	const list = differing.map((info) => `${info.windowSeconds} s for ${info.product}`).join(", ");
	return {
		state: "differs",
		products: differing.map(({ product }) => product),
		found: `a window of ${list} in place of ${windowSeconds} s`,
		longestSeconds: Math.max(...asked.map((info) => (info?.enabled ? info.windowSeconds : 0))),
	};
}
