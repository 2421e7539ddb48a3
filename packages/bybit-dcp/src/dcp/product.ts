import { BybitError } from "../errors.ts";
import type { components } from "../generated/schema.ts";

/** What Bybit protects as one: each product has its own window, topic and countdown. */
export type Product = components["schemas"]["Product"];

/** The private topic that marks a connection as one whose loss starts a product's countdown. */
export type DcpTopic = "dcp.future" | "dcp.spot" | "dcp.option";

/** Every product, in the order of the venue's documentation. */
export const products: readonly Product[] = Object.freeze(["DERIVATIVES", "SPOT", "OPTIONS"]);

const topics: Readonly<Record<Product, DcpTopic>> = Object.freeze({
	DERIVATIVES: "dcp.future",
	SPOT: "dcp.spot",
	OPTIONS: "dcp.option",
});

/** The topic of a product: the venue names the one in upper-case plural and the other in lower-case singular. */
export function topicOf(product: Product): DcpTopic {
	return topics[product];
}

/** True for the exact name of a product. `OPTION`, `future` and other near misses are false. */
export function isProduct(value: unknown): value is Product {
	return products.some((product) => product === value);
}

/** @throws BybitError of kind `options` for anything but a product. */
export function requireProduct(call: string, value: unknown): void {
	if (isProduct(value)) return;
	throw new BybitError("options", `${call}: product must be one of ${products.join(", ")}; nothing was sent.`);
}
