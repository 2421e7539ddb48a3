import { instrumentOf } from "./instruments.ts";
import { orderToWire, positionToWire, tradeToWire } from "./order.ts";
import type { OrderChange } from "./orders-and-positions.ts";
import { portfolio } from "./portfolio.ts";

const platformChannels = new Set(["platform_state", "platform_state.public_methods_state"]);
/** Channels of market data, which can be subscribed to but never send anything. */
const marketData =
	/^(announcements|book|chart\.trades|deribit_price_index|deribit_price_ranking|deribit_price_statistics|deribit_volatility_index|estimated_expiration_price|incremental_ticker|instrument\.state|markprice\.options|perpetual|quote|ticker|trades)(\.|$)/;
const orderChannel =
	/^user\.(orders|trades|changes)\.(?:(future|option|spot|future_combo|option_combo|combo|any)\.(\w+)|([\w-]+))\.(raw|100ms|agg2)$/;
const portfolioChannel = /^user\.portfolio\.(\w+)$/;

/** Whether a channel with this name exists and needs no authentication. */
export function isPublicChannel(name: string): boolean {
	return platformChannels.has(name) || marketData.test(name);
}

/** Whether a channel with this name exists and belongs to the account. */
export function isAccountChannel(name: string): boolean {
	return orderChannel.test(name) || portfolioChannel.test(name);
}

/** Whether a channel needs an authenticated connection although it is public. */
export function isRawChannel(name: string): boolean {
	return name.endsWith(".raw");
}

/**
 * The data that a channel of the account sends after a change; undefined if the channel sends nothing for this change. Whatever the
 * interval in the channel's name, each change is sent at once. Only the `raw` channels of `user.orders` send one order instead of a list.
 */
export function accountNotification(channel: string, change: OrderChange, positionSize: number): unknown {
	const { order, trades } = change;
	const { kind, currency } = instrumentOf(order.instrument);
	const [, portfolioCurrency] = portfolioChannel.exec(channel) ?? [];
	if (portfolioCurrency !== undefined) {
		const isMeant = portfolioCurrency === "any" || portfolioCurrency.toUpperCase() === currency;
		return isMeant ? portfolio(currency) : undefined;
	}
	const [, what, wantedKind, wantedCurrency, instrument, interval] = orderChannel.exec(channel) ?? [];
	const isMeant =
		instrument === undefined
			? (wantedKind === "any" || wantedKind === kind) &&
				(wantedCurrency === "any" || wantedCurrency?.toUpperCase() === currency)
			: instrument === order.instrument;
	if (!isMeant) return undefined;
	if (what === "orders") return interval === "raw" ? orderToWire(order) : [orderToWire(order)];
	if (what === "trades") return trades.length === 0 ? undefined : trades.map(tradeToWire);
	return {
		orders: [orderToWire(order)],
		instrument_name: order.instrument,
		trades: trades.map(tradeToWire),
		positions: [positionToWire(order.instrument, positionSize)],
	};
}
