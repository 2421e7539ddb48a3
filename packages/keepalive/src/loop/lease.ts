import type { Lease, Protection } from "../session.ts";

const states: readonly unknown[] = ["armed", "unarmed", "unknown", "unsupported"];

/**
 * The lease as plain data, read once: what the loop and the records hold cannot change or throw afterwards.
 *
 * @throws TypeError for a lease that no clock could keep, or whose protection means nothing.
 */
export function plainLease(session: string, lease: Lease): Lease {
	const { ttlMs, paceMs, ageMs, protection, ended } = lease;
	const fault =
		(!above(0, ttlMs) && "ttlMs is not above 0") ||
		(paceMs !== undefined && !above(0, paceMs) && "paceMs is not above 0") ||
		(ageMs !== undefined && ageMs !== 0 && !above(0, ageMs) && "ageMs is below 0") ||
		(ended !== undefined && !(ended instanceof AbortSignal) && "ended is no AbortSignal");
	if (fault) throw new TypeError(`@x/keepalive: session ${session} gave a lease whose ${fault}`);
	return {
		ttlMs,
		protection: plainProtection(session, protection),
		...(paceMs !== undefined && { paceMs }),
		...(ageMs !== undefined && { ageMs }),
		...(ended && { ended }),
	};
}

function plainProtection(session: string, protection: Protection): Protection {
	const plain = { ...protection };
	// An exposure that is no number would be shown as the worst case.
	const sound =
		states.includes(plain.state) &&
		(plain.state !== "armed" || (plain.exposureMs >= 0 && Number.isFinite(plain.exposureMs + plain.verifiedAt)));
	if (sound) return plain;
	throw new TypeError(`@x/keepalive: session ${session} gave a protection that is none`);
}

function above(least: number, value: unknown): boolean {
	return typeof value === "number" && value > least && Number.isFinite(value);
}
