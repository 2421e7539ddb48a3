import type { IbkrSessionOptions } from "./options.ts";

/** Where a user is served. It decides when the nightly reset of sessions is. */
export type IbkrRegion = NonNullable<IbkrSessionOptions["region"]>;

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

/** A time of the day, in minutes of the local day. None of the zones changes its clock within one. */
type Minutes = readonly [from: number, to: number];

const minutesOf = (hours: number, minutes: number): number => hours * 60 + minutes;
const midnight = minutesOf(24, 0);

/**
 * The nightly resets. IBKR's pages differ: midnight or 01:00 of the region by its documentation, and the hours of its status page
 * of 2024 and of 2025. This is their union; after midnight and 01:00 logins work again some minutes later.
 */
const resets: Readonly<Record<IbkrRegion, readonly Minutes[]>> = {
	america: [
		[0, minutesOf(1, 45)],
		[minutesOf(23, 45), midnight],
	],
	europe: [
		[0, minutesOf(1, 30)],
		[minutesOf(5, 45), minutesOf(7, 45)],
	],
	asia: [
		[0, minutesOf(1, 30)],
		[minutesOf(4, 45), minutesOf(6, 5)],
		[minutesOf(20, 15), minutesOf(21, 15)],
	],
};

/** The weekend maintenance, in New York time for every region. For the evening of Saturday IBKR gives no hours. */
const weekend: readonly (readonly [weekday: string, ...Minutes])[] = [
	["Fri", minutesOf(23, 0), midnight],
	["Sat", 0, minutesOf(3, 0)],
	["Sat", minutesOf(18, 0), midnight],
];

/** The maintenance at an instant, by local time: daylight saving time moves it. */
export function maintenanceAt(at: number, region: IbkrRegion): Maintenance | undefined {
	const first = windowAt(at, region);
	if (!first) return undefined;
	// One may continue into the next, as over midnight.
	let { until } = first;
	for (let next = windowAt(until, region); next; next = windowAt(until, region)) until = next.until;
	return { ...first, until };
}

function windowAt(at: number, region: IbkrRegion): Maintenance | undefined {
	const newYork = localTime(at, zones.america);
	const local = localTime(at, zones[region]);
	const until = (endMinute: number, { minute }: LocalTime): number =>
		(Math.floor(at / minuteMs) + endMinute - minute) * minuteMs;
	for (const [weekday, from, to] of weekend) {
		if (newYork.weekday !== weekday || newYork.minute < from || newYork.minute >= to) continue;
		return { what: "the weekend maintenance", zone: zones.america, until: until(to, newYork) };
	}
	for (const [from, to] of resets[region]) {
		if (local.minute < from || local.minute >= to) continue;
		return { what: "the nightly reset", zone: zones[region], until: until(to, local) };
	}
	return undefined;
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
	/** A human-readable sentence that says whether it was expected, and why. */
	readonly text: string;
}

/**
 * Judges a loss at an instant.
 *
 * @param mayBeReset - whether a reset can be its cause. It cannot be that of another login, a refused token, a gateway process
 * that has ended or a broken network.
 */
export function lossExpectation(at: number, region: IbkrRegion, mayBeReset: boolean): Expectation {
	const maintenance = maintenanceAt(at, region);
	if (!maintenance) {
		return { expected: false, text: `ALARM: IBKR resets no sessions at this time (${zones[region]})` };
	}
	const { what, zone, until } = maintenance;
	const over = `over by ${new Date(until).toISOString()}`;
	if (!mayBeReset) return { expected: false, text: `ALARM: ${what} in ${zone}, ${over}, is not the cause of this` };
	return { expected: true, text: `expected: ${what} in ${zone}, ${over}` };
}

interface LocalTime {
	readonly weekday: string;
	/** Of the day. */
	readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTime(at: number, timeZone: string): LocalTime {
	let format = formats.get(timeZone);
	if (!format) {
		const parts = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
		format = new Intl.DateTimeFormat("en-US", { timeZone, ...parts });
		formats.set(timeZone, format);
	}
	const found = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
	return { weekday: found.get("weekday") ?? "", minute: Number(found.get("hour")) * 60 + Number(found.get("minute")) };
}
