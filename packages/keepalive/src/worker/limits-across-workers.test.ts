import { monotonicMs } from "@x/base/clock";
import { describe, expect, it, vi } from "vitest";
import type { KeeperLimits } from "../session-limits.ts";
import { useFakeClock } from "../testing/scripted-session.ts";
import { KeptLimits } from "./limits-across-workers.ts";

useFakeClock();

/** Limits of one session, in which every time is `ms` milliseconds from now. */
function limitsIn(ms: number): KeeperLimits {
	const at = Date.now() + ms;
	const venueWait = { until: at, cause: { name: "Error", message: "busy" } };
	return { hedge: { openingsUntil: at, venueWait, used: { calls: { made: [[at, 2]], pausedUntil: at } } } };
}

const now = () => ({ wallMs: Date.now(), monotonicMs: monotonicMs() });
const setClock = (byMs: number) => vi.setSystemTime(Date.now() + byMs);

describe("KeptLimits", () => {
	it("KeptLimits leaves the remaining waits unchanged when the wall clock is set forward, before or after a worker's message", () => {
		const kept = new KeptLimits({ sessions: limitsIn(60_000), wasKilled: true });
		setClock(3_600_000);
		expect(kept.current).toEqual({ sessions: limitsIn(60_000), wasKilled: true });
		expect(kept.add(limitsIn(50_000), now())).toEqual(limitsIn(50_000));
		setClock(7_200_000);
		expect(kept.current).toEqual({ sessions: limitsIn(50_000) });
	});

	it("KeptLimits keeps the remaining waits right when the wall clock is set between the sending of a worker's message and its arrival", () => {
		const kept = new KeptLimits("used-up");
		const [said, at] = [limitsIn(60_000), now()];
		vi.advanceTimersByTime(10_000);
		setClock(3_600_000);
		expect(kept.add(said, at)).toEqual(limitsIn(50_000));
	});

	it("KeptLimits uses the time of arrival for a message of a worker that does not know the program's clock yet", () => {
		const kept = new KeptLimits({ sessions: {} });
		const said = limitsIn(60_000);
		vi.advanceTimersByTime(10_000);
		const at = { ...now(), monotonicMs: Number.POSITIVE_INFINITY, wallMs: Date.now() - 10_000 };
		expect(kept.add(said, at)).toEqual(limitsIn(60_000));
	});

	it("KeptLimits leaves the remaining waits unchanged when the wall clock is set back", () => {
		const kept = new KeptLimits({ sessions: limitsIn(60_000) });
		setClock(-3_600_000);
		expect(kept.current).toEqual({ sessions: limitsIn(60_000) });
		const [said, at] = [limitsIn(50_000), now()];
		setClock(-1_800_000);
		expect(kept.add(said, at)).toEqual(limitsIn(50_000));
	});

	it("KeptLimits adds a wait that the dead worker could not report, even for a session of which no worker reported limits", () => {
		const kept = new KeptLimits({ sessions: limitsIn(10_000) });
		kept.addVenueWait("hedge", 60_000);
		kept.addVenueWait("maker", 1_000);
		kept.addVenueWait("idle", 0);
		const { hedge } = limitsIn(10_000);
		const untold = { name: "VenueWait", message: expect.stringContaining("died before it said why") };
		const now = Date.now();
		expect(kept.current).toEqual({
			sessions: {
				hedge: { ...hedge, venueWait: { ...hedge?.venueWait, until: now + 60_000 } },
				maker: { openingsUntil: now, venueWait: { until: now + 1_000, cause: untold } },
			},
		});
	});

	it("KeptLimits finds no limits for a session whose name is also a property of every object, such as constructor", () => {
		const kept = new KeptLimits({ sessions: {} });
		kept.addVenueWait("constructor", 1_000);
		const now = Date.now();
		const venueWait = { until: now + 1_000, cause: expect.objectContaining({ name: "VenueWait" }) };
		expect(kept.current).toEqual({ sessions: { constructor: { openingsUntil: now, venueWait } } });
	});

	it("KeptLimits keeps a known wait if it ends later than the wait that is added", () => {
		const kept = new KeptLimits({ sessions: limitsIn(60_000) });
		kept.addVenueWait("hedge", 59_000);
		expect(kept.current).toEqual({ sessions: limitsIn(60_000) });
	});

	it("KeptLimits keeps the limits of a session when a later message reports only other sessions", () => {
		const kept = new KeptLimits("used-up");
		const [{ hedge }, other] = [limitsIn(1_000), limitsIn(2_000)];
		kept.add({ ...(hedge && { hedge }) }, now());
		vi.advanceTimersByTime(500);
		const maker = other["hedge"];
		expect(kept.add({ ...(maker && { maker }) }, now())).toEqual({ hedge, maker });
	});
});
