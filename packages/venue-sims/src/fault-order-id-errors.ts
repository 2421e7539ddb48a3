/** The error of a fault whose argument `orderId` is not the id of an order on which the fault can act. */
export function orderIdError(fault: string, orderId: unknown, wanted = "open order"): Error {
	const found = JSON.stringify(orderId);
	return new Error(`@x/venue-sims: fault ${fault}: argument orderId must be the id of an ${wanted}, got ${found}.`);
}

/** The error of a fault that acts on the newest suitable order by default, and found no order. */
export function noOrderError(fault: string, orderId: unknown, wanted = "open order"): Error {
	if (orderId !== undefined) return orderIdError(fault, orderId, wanted);
	return new Error(`@x/venue-sims: fault ${fault}: there is no ${wanted}. Place one first.`);
}
