import type { StatusRecord } from "@x/keepalive";
import type { AlertInvariant } from "../invariants/alert-invariant.ts";
import { AgreementInvariant } from "../invariants/armed-agreement-invariant.ts";
import { OpenHookInvariant } from "../invariants/on-open-hook-invariant.ts";
import { OrderInvariants } from "../invariants/order-invariants.ts";
import { ReopenInvariant } from "../invariants/reopen-invariant.ts";
import { RetryInvariant } from "../invariants/retry-invariant.ts";
import { SessionInvariants } from "../invariants/session-invariants.ts";
import { TrafficInvariants } from "../invariants/traffic-invariants.ts";
import type { Journal } from "../journal.ts";
import type { KeptSession, VenueSetup } from "../venues/venue-setup.ts";
import type { World } from "../world/world.ts";

/** One session together with the invariants that check it. */
export interface CheckedSession {
	readonly setup: VenueSetup;
	readonly watch: SessionInvariants;
	readonly orders: OrderInvariants;
	readonly traffic: TrafficInvariants;
	readonly agreement: AgreementInvariant;
	readonly hook: OpenHookInvariant;
	readonly retry: RetryInvariant;
	readonly reopen: ReopenInvariant;
	/** The alert invariants of the present process. */
	alerts: readonly AlertInvariant[];
	kept: KeptSession | undefined;
}

/**
 * @param current - returns the keeper's status record of the session; undefined without a keeper, and while the session is stopped on
 *   request.
 */
export function checkedSession(
	setup: VenueSetup,
	world: World,
	journal: Journal,
	current: () => StatusRecord | undefined,
): CheckedSession {
	const traffic = new TrafficInvariants(setup, world, journal);
	setup.route.observer = traffic;
	const watch = new SessionInvariants(setup, world, journal, current);
	traffic.isCalm = () => watch.isCalmFor(600_000);
	const reopen = new ReopenInvariant(setup, world, journal, current);
	traffic.onBlocked = (forMs) => {
		watch.markDisturbed(world.now + forMs);
		reopen.markOtherFault(world.now + forMs);
	};
	return {
		setup,
		watch,
		orders: new OrderInvariants(setup, world, journal),
		traffic,
		agreement: new AgreementInvariant(setup, world, journal),
		// At IBKR, `isLoss` returns false for every cause, so that `onOpen` need not get losses. The keeper counts a session as lost when its TTL
		// has passed without an answer, but the session at the venue may still be alive.
		hook: new OpenHookInvariant(setup.name, journal, setup.isLoss),
		retry: new RetryInvariant(setup.name, world, journal),
		reopen,
		alerts: [],
		kept: undefined,
	};
}

/** Tells the invariants that a process has just started. */
export function processStarted({ watch, orders, traffic, hook, reopen }: CheckedSession): void {
	for (const invariant of [watch, orders, traffic, hook, reopen]) invariant.processStarted();
}

/**
 * Resets the invariants after a process, or a worker of it, has ended.
 *
 * @param hasRun - whether that process or worker ran the session. A worker does not run a session that was stopped before.
 */
export function processEnded(checked: CheckedSession, hasRun: boolean): void {
	const { watch, agreement, retry, reopen } = checked;
	checked.kept = undefined;
	if (hasRun) watch.processStarted();
	for (const invariant of [agreement, retry, reopen]) invariant.processStarted();
}

/** Whether a session is alive, and armed if its venue supports that. */
export function isProtected({ status }: StatusRecord): boolean {
	return status.state === "alive" && (status.protection.state === "armed" || status.protection.state === "unsupported");
}
