import type { components } from "../generated/schema.ts";

/** A group of orders that Bybit protects together. Each product has its own time window, topic and countdown. */
export type BybitProduct = "DERIVATIVES" | "SPOT" | "OPTIONS";

/** Every product, in the order of the venue's documentation. */
export const bybitProducts: readonly BybitProduct[] = Object.freeze([
	"DERIVATIVES",
	"SPOT",
	"OPTIONS",
] as const satisfies readonly components["schemas"]["Product"][]);

const topics: Readonly<Record<BybitProduct, ReturnType<typeof bybitTopicOf>>> = Object.freeze({
	DERIVATIVES: "dcp.future",
	SPOT: "dcp.spot",
	OPTIONS: "dcp.option",
});

/**
 * The private topic that a connection must subscribe to so that the venue protects a product. When the last subscriber
 * of the topic is lost, the countdown to the cancel of the product's orders starts.
 */
export function bybitTopicOf(product: BybitProduct): "dcp.future" | "dcp.spot" | "dcp.option" {
	return topics[product];
}

/** Whether a value is the exact name of a product; false for `OPTION`, `future` and the like. */
export function isBybitProduct(value: unknown): value is BybitProduct {
	return bybitProducts.some((product) => product === value);
}
