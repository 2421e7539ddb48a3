import { instrumentOf } from "./instruments.ts";
import type { DeribitOrder } from "./order.ts";
import type { Params } from "./request-params.ts";

/** The orders whose instrument belongs to a currency, or all orders for `any`. */
export function ofCurrency<T extends { readonly instrument: string }>(currency: string, orders: readonly T[]): T[] {
	const wanted = currency.toUpperCase();
	return orders.filter(({ instrument }) => wanted === "ANY" || instrumentOf(instrument).currency === wanted);
}

/** The orders of one instrument. */
export function ofInstrument<T extends { readonly instrument: string }>(name: string, orders: readonly T[]): T[] {
	return orders.filter(({ instrument }) => instrument === name);
}

/** The orders whose instrument is of the kind in the parameter `kind`; all orders if the call has no such parameter. */
export function ofKind<T extends { readonly instrument: string }>(params: Params, orders: readonly T[]): T[] {
	const kind = params.optionalText("kind") ?? "any";
	return orders.filter(({ instrument }) => kind === "any" || instrumentOf(instrument).kind === kind);
}

/** The orders of the type in the parameter `type`; all orders if the call has no such parameter. */
export function ofType(params: Params, orders: readonly DeribitOrder[]): DeribitOrder[] {
	const type = params.optionalText("type") ?? "all";
	return orders.filter((order) => {
		if (type === "all") return true;
		if (type === "trigger_all") return order.isUntriggered;
		return type.includes("_") ? order.orderType === type : order.orderType.split("_")[0] === type;
	});
}
