import { clause } from "@x/base/errors";
import type { BybitProduct } from "@x/bybit-dcp";
import type { Closed, OrdersOnClose } from "../../session.ts";
import { type ConfigurationAtClose, classicAccountReason } from "./dcp-configuration.ts";
import { bybitExposure, deliveryMs } from "./exposure.ts";
import type { ResolvedBybitOptions } from "./options.ts";

/** What is known about a session that was just closed. */
export interface ClosedSession
	extends Pick<
		ResolvedBybitOptions,
		"products" | "windowSeconds" | "maxActiveTimeSeconds" | "pingMs" | "othersKeepAlive"
	> {
	/** What the venue would cancel, as human-readable text: the products, and which of their orders are not covered. */
	readonly coverage: string;
	/** The configuration of Disconnection Protect, as read while the connection was still open. */
	readonly configuration: ConfigurationAtClose;
	/** Whether the connection had already ended before the session closed it. */
	readonly wasLost: boolean;
	/**
	 * For how many more milliseconds the venue may regard an earlier connection as alive, because it did not acknowledge that connection's
	 * close.
	 */
	readonly staleMs: number;
	/** The products that a connection of another session in this process protects. */
	readonly coveredByOthers: readonly BybitProduct[];
	/** When the close was done, in epoch milliseconds. */
	readonly closedAt: number;
	/** Whether the venue acknowledged the close. */
	readonly isAcknowledged: boolean;
	/** The connection's topics other than `dcp.*`. */
	readonly otherTopics: readonly string[];
}

/**
 * Returns what the close means for the working orders.
 *
 * When the session closes its connection, the venue cancels the orders one cancel window later, unless another connection of the account
 * is subscribed. No call prevents this. Leaving the connection open would not help either: without pings, the venue would end it a little
 * later.
 *
 * The cancel window is the one that was read back before the close, even if another program has set it.
 */
export function describeClose(orders: OrdersOnClose, session: ClosedSession): Closed {
	const { configuration, products, coverage, isAcknowledged } = session;
	const all = products.join(", ");
	if (configuration.state === "classic") {
		const detail = `Bybit: ${classicAccountReason}: the orders stay open.`;
		return { orders: orders === "keep" ? "kept" : "refused", detail };
	}
	const notEnabled = configuration.state === "not-enabled" ? configuration.products : [];
	if (notEnabled.length === products.length) {
		const detail = `Bybit: Disconnection Protect is not enabled for ${all}: closing cancels nothing.`;
		return { orders: orders === "keep" ? "kept" : "refused", detail };
	}
	if (session.wasLost) {
		const detail = `Bybit: the connection was already lost: ${all} orders may have been cancelled. Check them.`;
		return { orders: "unknown", detail };
	}
	if (notEnabled.length > 0) {
		const rest = products.filter((product) => !notEnabled.includes(product)).join(", ");
		const detail =
			`Bybit: Disconnection Protect is not enabled for ${notEnabled.join(", ")}: those orders stay open; ` +
			`${earliestCancel(rest)}.`;
		return { orders: "refused", detail };
	}
	if (session.coveredByOthers.length > 0) return describeCovered(orders, session);
	const windowSeconds = configuration.state === "enabled" ? configuration.windowSeconds : session.windowSeconds;
	if (session.othersKeepAlive) {
		const detail =
			`Bybit: ${coverage} orders stay open while another connection of this account is subscribed, which this session ` +
			`cannot see; without one they are cancelled within ${windowSeconds} s.`;
		return { orders: orders === "keep" ? "unknown" : "refused", detail };
	}
	if (!isAcknowledged && session.otherTopics.length > 0) {
		const detail =
			`Bybit: the close was not acknowledged, and messages of ${session.otherTopics.join(", ")} may keep the venue from ` +
			`noticing the close: it is not known when ${coverage} orders are cancelled. Check them.`;
		return { orders: orders === "keep" ? "refused" : "unknown", detail };
	}
	const exposureMs = bybitExposure({ ...session, windowSeconds }).exposureMs;
	const withinMs = isAcknowledged ? session.staleMs + windowSeconds * 1_000 + deliveryMs : exposureMs;
	const by = `by ${new Date(session.closedAt + withinMs).toISOString()} (within ${withinMs / 1_000} s)`;
	const delay = !isAcknowledged
		? "; the close was not acknowledged, so the venue has to detect it"
		: session.staleMs > 0
			? "; an earlier connection, whose close was not acknowledged, may still count as alive"
			: "";
	if (orders === "keep") {
		const doubt = configuration.state === "unread" ? ", if the window is still the requested one" : "";
		const detail =
			`Bybit: Disconnection Protect cannot be disarmed: ${coverage} orders are cancelled ${by}${doubt}, ` +
			`unless another connection subscribes before that${delay}.`;
		return { orders: "refused", detail };
	}
	if (configuration.state === "unread") {
		const detail =
			`Bybit: the configuration could not be read back (${clause(configuration.reason)}): there is no proof that ${coverage} orders ` +
			"will be cancelled. Check and cancel them.";
		return { orders: "unknown", detail };
	}
	const detail = `Bybit: cancels ${coverage} orders ${by}, unless another connection of the account is subscribed${delay}.`;
	return { orders: "cancelled", withinMs, detail };
}

/** Describes a close while another session of this process keeps the orders of the same account open. */
function describeCovered(orders: OrdersOnClose, { products, coveredByOthers }: ClosedSession): Closed {
	const rest = products.filter((product) => !coveredByOthers.includes(product));
	const restDetail = rest.length === 0 ? "" : `; ${earliestCancel(rest.join(", "))}`;
	const detail =
		`Bybit: another connection of this process is subscribed for ${coveredByOthers.join(", ")}: ` +
		`those orders stay open until it ends${restDetail}.`;
	return { orders: orders === "keep" && rest.length === 0 ? "kept" : "refused", detail };
}

/** The earliest time of the cancel. The latest is unknown: another session delays the cancel, or the venue notices the close late. */
function earliestCancel(products: string): string {
	return `${products} orders are cancelled one cancel window after this close at the earliest, unless another connection is subscribed`;
}
