import { monotonicMs } from "@x/base/clock";
import { isRecord } from "@x/base/objects";
import { connectDeribit, type DeribitConnection, type DeribitCredentials, deribitDefaults } from "@x/deribit-session";
import type { DeribitConfig } from "../config/config.ts";
import { members } from "../object-or-empty.ts";
import { DrillError, DrillRefused } from "./drill-error.ts";
import type { ClockLook, DrillVenue, OrderSeen } from "./drill-venue-interface.ts";
import { isTestVenue } from "./is-test-venue.ts";
import { bestClock, inBand, roundTo } from "./plan-order.ts";

const defaultInstrument = "BTC-PERPETUAL";

/**
 * Time allowed for the venue's own processing, in milliseconds. Deribit publishes no number for it, and the session's exposure does not
 * include it.
 */
const venueTimeMs = 1_000;

/**
 * A drill at Deribit. The order is placed over the session's own connection, because cancel-on-disconnect protects no orders of other
 * connections. The order is watched over a second connection, whose end cancels nothing.
 */
export function deribitDrill({ client }: DeribitConfig): DrillVenue {
	const url = new URL(client.url ?? deribitDefaults.url);
	const { credentials, ...options } = client;
	let connection: DeribitConnection | undefined;

	/** Returns the connection that watches the order; a connection that has ended is replaced. */
	async function watcher(signal: AbortSignal): Promise<DeribitConnection> {
		if (connection && !connection.ended.aborted) return connection;
		const opened = await connectDeribit(options, { signal });
		try {
			await opened.authenticate(withoutSessionName(credentials), { signal });
		} catch (error) {
			await opened.disconnect();
			throw error;
		}
		connection = opened;
		return opened;
	}

	async function ask(method: string, params: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<unknown> {
		return (await watcher(signal)).call(method, params, undefined, { signal });
	}

	return {
		hosts: [url.host],
		expectedReason: "cancel_on_disconnect",
		venueTimeMs,
		pollMs: 250,

		isTest(signal) {
			const saysTest = ({ testnet }: Readonly<Record<string, unknown>>): boolean => testnet === true;
			const call = { url: `${url.origin.replace(/^ws/, "http")}/api/v2/public/get_time`, saysTest };
			return isTestVenue([url], ["test.deribit.com"], call, signal);
		},

		clock: (signal) =>
			bestClock(async (): Promise<ClockLook> => {
				const open = await watcher(signal);
				const [askedAt, startedAt] = [Date.now(), monotonicMs()];
				const venueMs = await open.request("public/get_time", undefined, { signal });
				const roundTripMs = monotonicMs() - startedAt;
				return { clockAheadMs: askedAt + roundTripMs / 2 - venueMs, roundTripMs };
			}),

		async account(signal) {
			const summary = members(await ask("private/get_account_summary", { currency: "BTC", extended: true }, signal));
			const names = [summary["username"], summary["system_name"]].filter((name) => typeof name === "string");
			const open = await (await watcher(signal)).request("private/get_open_orders", {}, { signal });
			return { names, openOrders: open.length };
		},

		async plan(given, signal) {
			const { instrument = defaultInstrument } = given;
			const terms = members(await ask("public/get_instrument", { instrument_name: instrument }, signal));
			const amount = given.amount ?? String(numberOf(terms["min_trade_amount"], "--amount"));
			if (given.price !== undefined) return { instrument, amount, price: given.price };
			const ticker = members(await ask("public/ticker", { instrument_name: instrument }, signal));
			const lowest = numberOf(ticker["min_price"], "--price");
			const market = numberOf(ticker["best_bid_price"] || ticker["mark_price"], "--price");
			return { instrument, amount, price: roundTo(inBand(lowest, market), numberOf(terms["tick_size"], "--price")) };
		},

		async place(plan, label, guarded) {
			const { instrument, price, amount } = plan;
			const terms = { instrument_name: instrument, amount: Number(amount), price: Number(price), label };
			const params = { ...terms, type: "limit", post_only: true, reject_post_only: true };
			const { order } = members(await guarded({ method: "private/buy", params }));
			const orderId = isRecord(order) ? order["order_id"] : undefined;
			if (typeof orderId !== "string") throw new DrillError("the venue did not say which order it placed");
			return { ...plan, label, orderId };
		},

		async look({ orderId }, signal): Promise<OrderSeen> {
			const order = await (await watcher(signal)).request("private/get_order_state", { order_id: orderId }, { signal });
			const { order_state: state, filled_amount: filled = 0, cancel_reason: reason } = order;
			if (filled > 0 || state === "filled") return { state: "filled", amount: String(filled) };
			if (state !== "cancelled" && state !== "rejected") return { state: "open" };
			return { state: "cancelled", reason: reason ?? state, at: order.last_update_timestamp };
		},

		async cancelByLabel(_plan, label, signal) {
			const cancelled = await ask("private/cancel_by_label", { label }, signal);
			return typeof cancelled === "number" ? cancelled : 0;
		},

		async close() {
			await connection?.disconnect();
		},
	};
}

function numberOf(value: unknown, option: string): number {
	if (typeof value === "number" && value > 0) return value;
	throw new DrillRefused(`the venue does not report what is needed to choose the order: give ${option}`);
}

/** Leaves out the session name: a second login with the same name would invalidate the tokens of the session under test. */
function withoutSessionName({ authScope, ...rest }: DeribitCredentials): DeribitCredentials {
	const kept = authScope?.split(" ").filter((token) => token !== "" && !token.startsWith("session:"));
	// The cast is safe: only `authScope` has changed, and every kind of DeribitCredentials may have it or leave it out.
	return (kept?.length ? { ...rest, authScope: kept.join(" ") } : rest) as DeribitCredentials;
}
