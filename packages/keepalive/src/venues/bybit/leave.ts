import type { BybitProduct } from "@x/bybit-dcp";
import type { Closed, OrdersOnClose } from "../../session.ts";
import { bybitExposure } from "./exposure.ts";
import type { BybitResolved } from "./options.ts";
import type { Configuration } from "./proof.ts";

/** How a session stood when it was left. */
export interface Left
	extends Pick<BybitResolved, "products" | "windowSeconds" | "maxActiveTimeSeconds" | "pingMs" | "othersKeepAlive"> {
	/** As it was read while the connection was still there. */
	readonly configuration: Configuration;
	/** The connection had ended before it was left. */
	readonly lost: boolean;
	/** For how much longer the venue may count an earlier connection of ours, whose end nobody acknowledged. */
	readonly ghostMs: number;
	/** The products for which another connection of this process counts. */
	readonly heldBeside: readonly BybitProduct[];
	/** When the close was done, in epoch milliseconds. */
	readonly closedAt: number;
	/** The venue acknowledged the close. */
	readonly acknowledged: boolean;
	/** The connection's topics other than `dcp.*`. */
	readonly streams: readonly string[];
}

/**
 * What leaving meant for the orders.
 *
 * Leaving is itself what starts the venue's countdown, and no call disarms it. So "cancel" is what happens by leaving,
 * provided that the configuration was read back for it, and after the window that was read, whoever set it. And "keep"
 * can be had only while another connection counts. This one is closed all the same, since one that nobody pings would only
 * be cut a little later, and until then keep the process from ending.
 */
export function closedAs(orders: OrdersOnClose, left: Left): Closed {
	const scope = left.products.join(", ");
	const { configuration } = left;
	const absent = configuration.state === "absent" ? configuration.products : [];
	if (absent.length === left.products.length) {
		const detail = `Bybit: Disconnection Protect is not enabled for ${scope}, so leaving cancels nothing.`;
		return orders === "keep" ? { orders: "kept", detail } : { orders: "refused", detail };
	}
	if (left.lost) {
		const detail = `Bybit: the connection had been lost before, so the orders of ${scope} may be cancelled already; look at them.`;
		return { orders: "unknown", detail };
	}
	if (absent.length > 0) {
		const rest = left.products.filter((product) => !absent.includes(product)).join(", ");
		const detail =
			`Bybit: Disconnection Protect is not enabled for ${absent.join(", ")}, whose orders go on working; ` +
			`those of ${rest} are cancelled one window after this.`;
		return { orders: "refused", detail };
	}
	if (left.heldBeside.length > 0) return heldAs(orders, left);
	const windowSeconds = configuration.state === "enabled" ? configuration.windowSeconds : left.windowSeconds;
	if (left.othersKeepAlive) {
		const detail =
			`Bybit: the orders of ${scope} live as long as another connection of this account stays subscribed, which cannot ` +
			`be seen from here; without one they are cancelled within ${windowSeconds} s.`;
		return { orders: orders === "keep" ? "unknown" : "refused", detail };
	}
	if (!left.acknowledged && left.streams.length > 0) {
		const detail =
			`Bybit: the close was not acknowledged, and messages of ${left.streams.join(", ")} may keep the venue from noticing ` +
			`it, so when the orders of ${scope} are cancelled cannot be said; look at them.`;
		return { orders: orders === "keep" ? "refused" : "unknown", detail };
	}
	const exposureMs = bybitExposure({ ...left, windowSeconds }).exposureMs;
	const withinMs = left.acknowledged ? left.ghostMs + windowSeconds * 1_000 : exposureMs;
	const ghost =
		left.ghostMs > 0 ? " (an earlier connection, whose end was not acknowledged, may count for some time)" : "";
	const seen = left.acknowledged ? ghost : " (the close was not acknowledged, so the venue has to notice by itself)";
	if (orders === "keep") {
		const doubt = configuration.state === "unread" ? " if its window is still the one that was asked for," : "";
		const detail =
			`Bybit: no call disarms Disconnection Protect. This connection is closed, and the orders of ${scope} are cancelled ` +
			`within ${withinMs / 1_000} s, by ${iso(left.closedAt + withinMs)}${seen},${doubt} unless another connection subscribes before that.`;
		return { orders: "refused", detail };
	}
	if (configuration.state === "unread") {
		const detail =
			`Bybit: there is no proof that the venue cancels the orders of ${scope}, as the configuration could not be read ` +
			`back (${configuration.reason}); look at them and cancel by a call.`;
		return { orders: "unknown", detail };
	}
	const detail = `Bybit: cancels the orders of ${scope} within ${withinMs / 1_000} s, by ${iso(left.closedAt + withinMs)}${seen}, unless another connection of the account is subscribed.`;
	return { orders: "cancelled", withinMs, detail };
}

/** Another session of this process guards the same account: its connection is what the venue goes by now. */
function heldAs(orders: OrdersOnClose, { products, heldBeside }: Left): Closed {
	const rest = products.filter((product) => !heldBeside.includes(product));
	const detail =
		`Bybit: another connection of this process is subscribed for ${heldBeside.join(", ")}, whose orders live as long as it ` +
		`stays${rest.length === 0 ? "." : `; those of ${rest.join(", ")} are cancelled one window after this.`}`;
	return { orders: orders === "keep" && rest.length === 0 ? "kept" : "refused", detail };
}

function iso(epochMs: number): string {
	return new Date(epochMs).toISOString();
}
