import { decimal } from "./format-decimal.ts";
import type { BybitSimCategory, Instrument } from "./instruments.ts";
import { type BybitSimOrder, leavesQty } from "./order.ts";

const takerRate = 0.00055;
const makerRate = 0.0002;

/** The balance of each coin that an account has at the start. */
const startBalances: Readonly<Record<string, number>> = { USDT: 10_000, USDC: 10_000, BTC: 1 };

/** One fill of an order. */
export interface Execution {
	readonly id: string;
	readonly order: BybitSimOrder;
	readonly price: number;
	readonly qty: number;
	readonly value: number;
	readonly fee: number;
	readonly feeRate: number;
	readonly isMaker: boolean;
	/** The quantity of the order that remains to be filled after this execution. */
	readonly leavesQty: number;
	readonly at: number;
	readonly sequence: number;
}

/** A position in one-way mode. */
export interface Position {
	readonly category: BybitSimCategory;
	readonly instrument: Instrument;
	/** Size of the position. Negative if short. */
	size: number;
	averagePrice: number;
	realisedPnl: number;
	readonly createdAt: number;
	updatedAt: number;
	sequence: number;
}

/** The positions and balances of an account. */
export class Portfolio {
	readonly balances = new Map<string, number>(Object.entries(startBalances));
	readonly realisedPnl = new Map<string, number>();
	readonly positions: Position[] = [];
	readonly #idPrefix: string;
	#sequence = 0;

	constructor(idPrefix: string) {
		this.#idPrefix = idPrefix;
	}

	/** Fills an order, by default completely. */
	fill(order: BybitSimOrder, instrument: Instrument, price: number, qty: number, isMaker: boolean): Execution {
		this.#sequence += 1;
		const value = instrument.category === "inverse" ? qty / price : qty * price;
		const feeRate = isMaker ? makerRate : takerRate;
		const fee = value * feeRate;
		order.filledQty += qty;
		order.filledValue += value;
		order.feePaid += fee;
		order.updatedAt = Date.now();
		if (Number(decimal(leavesQty(order))) <= 0) order.state = "filled";
		const direction = order.side === "Buy" ? 1 : -1;
		if (instrument.category === "spot") {
			this.#add(instrument.baseCoin, direction * qty);
			this.#add(instrument.quoteCoin, -direction * value - fee);
		} else {
			const pnl = this.#move(instrument, direction * qty, price);
			order.closedPnl += pnl;
			this.#add(instrument.settleCoin, pnl - fee);
		}
		const id = `${this.#idPrefix}-exec-${String(this.#sequence).padStart(6, "0")}`;
		const leaves = leavesQty(order);
		return {
			id,
			order,
			price,
			qty,
			value,
			fee,
			feeRate,
			isMaker,
			leavesQty: leaves,
			at: Date.now(),
			sequence: this.#sequence,
		};
	}

	/** The position in an instrument (which may have size 0); undefined if there never was a position. */
	positionOf(instrument: Pick<Instrument, "category" | "symbol">): Position | undefined {
		return this.positions.find(
			({ category, instrument: { symbol } }) => category === instrument.category && symbol === instrument.symbol,
		);
	}

	/** Changes a position. Returns the profit of the part that was closed. */
	#move(instrument: Instrument, change: number, price: number): number {
		const now = Date.now();
		let position = this.positionOf(instrument);
		if (!position) {
			position = {
				category: instrument.category,
				instrument,
				size: 0,
				averagePrice: 0,
				realisedPnl: 0,
				createdAt: now,
				updatedAt: now,
				sequence: this.#sequence,
			};
			this.positions.push(position);
		}
		const before = position.size;
		const closed = Math.sign(before) === -Math.sign(change) ? Math.min(Math.abs(before), Math.abs(change)) : 0;
		const profit = closed * Math.sign(before) * profitPerContract(instrument, position.averagePrice, price);
		position.size = Number(decimal(before + change));
		if (position.size === 0) position.averagePrice = 0;
		else if (closed === 0) {
			const [was, added] = [Math.abs(before), Math.abs(change)];
			position.averagePrice = (position.averagePrice * was + price * added) / (was + added);
		} else if (Math.sign(position.size) !== Math.sign(before)) position.averagePrice = price;
		position.realisedPnl += profit;
		position.updatedAt = now;
		position.sequence = this.#sequence;
		this.realisedPnl.set(instrument.settleCoin, (this.realisedPnl.get(instrument.settleCoin) ?? 0) + profit);
		return profit;
	}

	#add(coin: string, amount: number): void {
		this.balances.set(coin, (this.balances.get(coin) ?? 0) + amount);
	}
}

/** The profit of one contract that is bought at the price `entry` and sold at `price`, in the settlement coin. */
export function profitPerContract(instrument: Instrument, entry: number, price: number): number {
	if (entry === 0) return 0;
	return instrument.category === "inverse" ? 1 / entry - 1 / price : price - entry;
}
