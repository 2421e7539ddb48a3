import type { Closed, Leader, Lease, Protection } from "../session.ts";

const protectionStates: readonly unknown[] = ["armed", "unarmed", "unknown", "unsupported"];
const closedOrders: readonly unknown[] = ["kept", "cancelled", "refused", "unknown"];

/**
 * Copies a lease into plain data. Each member is read only once, so that the session loop and the status records hold values
 * that cannot change or throw later.
 *
 * @throws TypeError for an invalid lease, such as a lease with a `ttlMs` of 0.
 */
export function copyLease(session: string, lease: Lease): Lease {
	const { ttlMs, paceMs, ageMs, protection, ended } = lease;
	const problem =
		(!isAbove(0, ttlMs) && "ttlMs must be above 0") ||
		(paceMs !== undefined && !isAbove(0, paceMs) && "paceMs must be above 0") ||
		(ageMs !== undefined && ageMs !== 0 && !isAbove(0, ageMs) && "ageMs must be 0 or more") ||
		(ended !== undefined && !(ended instanceof AbortSignal) && "ended must be an AbortSignal");
	if (problem) throw new TypeError(`@x/keepalive: session ${session} returned an invalid lease: ${problem}`);
	return {
		ttlMs,
		protection: copyProtection(session, protection),
		...(paceMs !== undefined && { paceMs }),
		...(ageMs !== undefined && { ageMs }),
		...(ended && { ended }),
	};
}

function copyProtection(session: string, protection: Protection): Protection {
	const copy = membersOfProtection({ ...protection });
	// The exposure (`exposureMs`) of an armed protection must be a number, because it is published.
	const isValid =
		protectionStates.includes(copy.state) &&
		(copy.state !== "armed" || (copy.exposureMs >= 0 && Number.isFinite(copy.exposureMs + copy.verifiedAt)));
	if (isValid) return copy;
	throw new TypeError(`@x/keepalive: session ${session} returned an invalid protection`);
}

/**
 * Copies the result of a close into plain data.
 *
 * @throws TypeError for a result that does not say what happens to the orders.
 */
export function copyClosed(closed: Closed): Closed {
	const copy = membersOfClosed({ ...closed });
	const isValid = closedOrders.includes(copy.orders) && (copy.orders !== "cancelled" || copy.withinMs >= 0);
	if (!isValid) throw new TypeError("@x/keepalive: close() returned an invalid result");
	return copy;
}

/**
 * Copies only the members that the type has. A status record is sent to another thread, and another member could be a function,
 * which cannot be sent.
 */
function membersOfProtection(protection: Protection): Protection {
	const { state } = protection;
	if (state !== "armed") return { state, reason: String(protection.reason) };
	const { scope, exposureMs, verifiedAt } = protection;
	return { state, scope: String(scope), exposureMs, verifiedAt };
}

/**
 * Copies only the members that the type has, because the result is sent to another thread, and another member could be a
 * function.
 */
function membersOfClosed(closed: Closed): Closed {
	const { orders } = closed;
	const detail = String(closed.detail);
	return orders === "cancelled" ? { orders, withinMs: closed.withinMs, detail } : { orders, detail };
}

/**
 * Copies only the members that the type has, because the leader is sent to another thread, and another member could be a
 * function.
 */
export function copyLeader({ holder, epoch, since }: Leader): Leader {
	return { holder, epoch, since };
}

function isAbove(limit: number, value: unknown): boolean {
	return typeof value === "number" && value > limit && Number.isFinite(value);
}
