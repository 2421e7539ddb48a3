import { BybitError } from "../errors.ts";
import type { components } from "../generated/schema.ts";

/** What Bybit protects as one: each product has its own window, topic and countdown. */
export type BybitProduct = components["schemas"]["Product"];

/** The private topic that marks a connection as one whose loss starts a product's countdown. */
export type BybitDcpTopic = "dcp.future" | "dcp.spot" | "dcp.option";

/** Every product, in the order of the venue's documentation. */
export const bybitProducts: readonly BybitProduct[] = Object.freeze(["DERIVATIVES", "SPOT", "OPTIONS"]);

const topics: Readonly<Record<BybitProduct, BybitDcpTopic>> = Object.freeze({
	DERIVATIVES: "dcp.future",
	SPOT: "dcp.spot",
	OPTIONS: "dcp.option",
});

/** The topic of a product: the venue names the one in upper-case plural and the other in lower-case singular. */
export function bybitTopicOf(product: BybitProduct): BybitDcpTopic {
	return topics[product];
}

/** True for the exact name of a product. `OPTION`, `future` and other near misses are false. */
export function isBybitProduct(value: unknown): value is BybitProduct {
	return bybitProducts.some((product) => product === value);
}

/** @throws BybitError of kind `options` for anything but a product. */
export function requireProduct(call: string, value: unknown): void {
	if (isBybitProduct(value)) return;
	throw new BybitError("options", `${call}: product must be one of ${bybitProducts.join(", ")}; nothing was sent.`);
}
