import type { Closed, OrdersOnClose, Protection } from "../../session.ts";
import { bybitExposure } from "./exposure.ts";
import type { BybitResolved } from "./options.ts";

/** How a session stood when it was left. */
export interface Left
	extends Pick<BybitResolved, "products" | "windowSeconds" | "maxActiveTimeSeconds" | "pingMs" | "othersKeepAlive"> {
	/** As the last lease said. */
	readonly protection: Protection;
	/** The venue had said that none of the products is enabled. */
	readonly nothingEnabled: boolean;
	/** The connection had ended before it was left. */
	readonly lost: boolean;
	/** The venue acknowledged the close. */
	readonly acknowledged: boolean;
}

/**
 * What leaving meant for the orders.
 *
 * Leaving is itself what starts the venue's countdown, and no call disarms it. So "cancel" is what happens by leaving,
 * provided that the protection was proved; and "keep" cannot be had: the connection is closed all the same, since one
 * that nobody pings would only be cut a little later, and until then keep the process from ending.
 */
export function closedAs(orders: OrdersOnClose, left: Left): Closed {
	const scope = left.products.join(", ");
	if (left.nothingEnabled) {
		const detail = `Bybit: Disconnection Protect is not enabled for ${scope}, so leaving cancels nothing.`;
		return orders === "keep" ? { orders: "kept", detail } : { orders: "refused", detail };
	}
	if (left.lost) {
		const detail = `Bybit: the connection had been lost before, so the orders of ${scope} may be cancelled already; look at them.`;
		return { orders: "unknown", detail };
	}
	if (left.othersKeepAlive) {
		const detail =
			`Bybit: the orders of ${scope} live as long as another connection of this account stays subscribed, which cannot ` +
			`be seen from here; without one they are cancelled within ${left.windowSeconds} s.`;
		return { orders: orders === "keep" ? "unknown" : "refused", detail };
	}
	const withinMs = left.acknowledged ? left.windowSeconds * 1_000 : bybitExposure(left).exposureMs;
	const seen = left.acknowledged ? "" : " (the close was not acknowledged, so the venue has to notice by itself)";
	if (orders === "keep") {
		const detail =
			`Bybit: no call disarms Disconnection Protect. This connection is closed, and the orders of ${scope} are cancelled ` +
			`within ${withinMs / 1_000} s${seen} unless another connection subscribes before that.`;
		return { orders: "refused", detail };
	}
	if (left.protection.state !== "armed") {
		const detail = `Bybit: there was no proof that the venue cancels the orders of ${scope}; look at them and cancel by a call.`;
		return { orders: "unknown", detail };
	}
	const detail = `Bybit: cancels the orders of ${scope} within ${withinMs / 1_000} s of this${seen}, unless another connection of the account is subscribed.`;
	return { orders: "cancelled", withinMs, detail };
}
