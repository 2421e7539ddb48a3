import type { StatusRecord } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { VenueSetup } from "../venues/venue-setup.ts";
import type { World } from "../world/world.ts";

/** The members of a VenueSetup that the invariant needs. */
type ReopeningVenue = Pick<VenueSetup, "name" | "countdown"> & { readonly route: { readonly droppedAt: number } };

/** Two drops within this many milliseconds count as one, because the two ends of a connection notice its drop at different times. */
const sameDropMs = 1_000;

/**
 * Checks that a session is opened again before the venue cancels its orders.
 *
 * - m-window-missed: the connection of an armed session dropped, and the venue's countdown ended, so the venue has cancelled the orders. In
 *   between, the venue answered everything and no connection dropped, so the session had to be open again in time
 */
export class ReopenInvariant {
	readonly #setup: ReopeningVenue;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #current: () => StatusRecord | undefined;
	/** Whether the keeper showed the session as armed when the venue last protected the session. */
	#wasArmed = false;
	#otherFaultUntil = Number.NEGATIVE_INFINITY;
	#venueAskedAt = Number.NEGATIVE_INFINITY;

	/**
	 * @param current - returns the keeper's status record of the session; undefined without a keeper, and while the session is stopped on
	 *   request.
	 */
	constructor(setup: ReopeningVenue, world: World, journal: Journal, current: () => StatusRecord | undefined) {
		this.#setup = setup;
		this.#world = world;
		this.#journal = journal;
		this.#current = current;
	}

	/** Records until when a fault other than a dropped connection may keep the session from reopening fast enough. */
	markOtherFault(until: number): void {
		this.#otherFaultUntil = Math.max(this.#otherFaultUntil, until, this.#world.now);
	}

	/** Forgets that the session was armed. To be called when a process begins to run the session, and also when that process ends. */
	processStarted(): void {
		this.#wasArmed = false;
	}

	/** To be called when the keeper has published a status record. */
	recorded({ status }: StatusRecord): void {
		if (status.state === "waiting" && status.why === "venue") this.#venueAskedAt = this.#world.now;
	}

	/** To be called whenever the venue's countdown to its cancel of the orders may have begun or ended. */
	check(): void {
		const countdown = this.#setup.countdown?.();
		if (!countdown) this.#wasArmed = false;
		if (!countdown || countdown.state === "counting") return;
		const { now, machine } = this.#world;
		const status = machine.isFrozen ? undefined : this.#current()?.status;
		if (countdown.state === "armed") {
			if (!machine.isFrozen) this.#wasArmed = status?.state === "alive" && status.protection.state === "armed";
			return;
		}
		const isJudged = this.#wasArmed && status !== undefined;
		this.#wasArmed = false;
		if (!isJudged) return;
		this.#journal.count("windows missed");
		const beganAt = now - countdown.windowMs;
		if (Math.max(this.#otherFaultUntil, this.#venueAskedAt, machine.disturbedAt) >= beganAt) return;
		if (this.#setup.route.droppedAt > beganAt + sameDropMs) return;
		const detail = `still ${status.state} ${countdown.windowMs} ms after the connection dropped, and the venue answered everything`;
		this.#journal.violate("m-window-missed", this.#setup.name, detail);
	}
}
