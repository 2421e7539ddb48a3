/** Where a user is served. It decides when the nightly reset of sessions is. */
export type IbkrRegion = "america" | "europe" | "asia";

const zones: Readonly<Record<IbkrRegion, string>> = {
	america: "America/New_York",
	europe: "Europe/Zurich",
	asia: "Asia/Hong_Kong",
};

/** The region for the `REGION` in the reply of a validation. Only `NJ` and `EU` have been seen. */
export function regionOf(word: string | undefined): IbkrRegion | undefined {
	if (word === "NJ") return "america";
	return word === "EU" ? "europe" : undefined;
}

/** A planned time in which IBKR ends sessions. */
export interface Maintenance {
	readonly what: "the nightly reset" | "the weekend maintenance";
	readonly zone: string;
	/** Its end in epoch milliseconds. */
	readonly until: number;
}

const minuteMs = 60_000;
/** One page of IBKR says that the reset is at midnight, a newer one at 01:00. Logins work again some minutes later. */
const resetEndsAtMinute = 90;
/** IBKR says Saturday evening, without hours. */
const weekendFromMinute = 18 * 60;
const dayMinutes = 24 * 60;

/** The maintenance at an instant, by the local time of the region: daylight saving time moves it. */
export function maintenanceAt(at: number, region: IbkrRegion): Maintenance | undefined {
	const zone = zones[region];
	const { weekday, minute } = localTime(at, zone);
	// None of these zones changes its clock during maintenance.
	const until = (endMinute: number): number => (Math.floor(at / minuteMs) + endMinute - minute) * minuteMs;
	if (minute < resetEndsAtMinute) return { what: "the nightly reset", zone, until: until(resetEndsAtMinute) };
	if (weekday !== "Sat" || minute < weekendFromMinute) return undefined;
	// Continues into the reset of Sunday.
	return { what: "the weekend maintenance", zone, until: until(dayMinutes + resetEndsAtMinute) };
}

/** Midnight by one page of IBKR, 01:00 by a newer one. */
const resetMinutes = [0, 60];
/** An init during a reset is refused and counts. Below two minutes, within which a session has to be back after a reset. */
const resetHoldMs = 90_000;

/** Milliseconds for which no init must be sent because a reset has just begun; 0 at any other time. */
export function initHoldMs(at: number, region: IbkrRegion): number {
	const { minute } = localTime(at, zones[region]);
	const sinceMidnightMs = minute * minuteMs + (at % minuteMs);
	const sinceResetMs = resetMinutes
		.map((resetMinute) => sinceMidnightMs - resetMinute * minuteMs)
		.find((ms) => ms >= 0 && ms < resetHoldMs);
	return sinceResetMs === undefined ? 0 : Math.ceil(resetHoldMs - sinceResetMs);
}

/** Whether a loss at some instant was expected. */
export interface Expectation {
	readonly expected: boolean;
	/** A sentence for people that says whether it was expected, and why. */
	readonly text: string;
}

/** Judges a loss at an instant. */
export function lossExpectation(at: number, region: IbkrRegion): Expectation {
	const maintenance = maintenanceAt(at, region);
	if (!maintenance) {
		return { expected: false, text: `ALARM: IBKR resets no sessions at this time (${zones[region]})` };
	}
	const { what, zone, until } = maintenance;
	return { expected: true, text: `expected: ${what} in ${zone}, over by ${new Date(until).toISOString()}` };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTime(at: number, timeZone: string): { weekday: string; minute: number } {
	let format = formats.get(timeZone);
	if (!format) {
		const parts = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
		format = new Intl.DateTimeFormat("en-US", { timeZone, ...parts });
		formats.set(timeZone, format);
	}
	const found = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
	return { weekday: found.get("weekday") ?? "", minute: Number(found.get("hour")) * 60 + Number(found.get("minute")) };
}
