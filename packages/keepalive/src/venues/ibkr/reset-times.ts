import type { IbkrSessionOptions } from "./options.ts";

/** The region in which IBKR serves a user. It decides at what time IBKR resets sessions each night. */
export type IbkrRegion = NonNullable<IbkrSessionOptions["region"]>;

const zones: Readonly<Record<IbkrRegion, string>> = {
	america: "America/New_York",
	europe: "Europe/Zurich",
	asia: "Asia/Hong_Kong",
};

/** Returns the region for the value `REGION` in the reply to a validation. IBKR has sent only `NJ` and `EU` so far. */
export function regionOf(word: string | undefined): IbkrRegion | undefined {
	if (word === "NJ") return "america";
	return word === "EU" ? "europe" : undefined;
}

/** A planned period in which IBKR ends sessions. */
export interface Maintenance {
	readonly what: "the nightly reset" | "the weekend maintenance";
	readonly zone: string;
	/** The end of the maintenance, in epoch milliseconds. */
	readonly until: number;
}

const minuteMs = 60_000;

/** A part of the day, in minutes since local midnight. None of the zones above changes its clock within the parts below. */
type Minutes = readonly [from: number, to: number];

const minutesOf = (hours: number, minutes: number): number => hours * 60 + minutes;
const midnight = minutesOf(24, 0);

/**
 * The nightly resets. IBKR's pages differ about the hours: the documentation says midnight or 01:00 in the region, the status pages of
 * 2024 and 2025 say others. The periods below cover all these times, and some minutes after midnight and 01:00 until logins work again.
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

/** The weekend maintenance, in New York time for every region. For Saturday evening IBKR gives no hours. */
const weekend: readonly (readonly [weekday: string, ...Minutes])[] = [
	["Fri", minutesOf(23, 0), midnight],
	["Sat", 0, minutesOf(3, 0)],
	["Sat", minutesOf(18, 0), midnight],
];

/**
 * The maintenance at the time `at` (epoch milliseconds); undefined if there is none. Its hours are local time, so daylight saving time
 * moves them.
 */
export function maintenanceAt(at: number, region: IbkrRegion): Maintenance | undefined {
	const first = windowAt(at, region);
	if (!first) return undefined;
	// Another period may begin exactly when this one ends, for example at midnight.
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

/** Possible starts of the nightly reset in minutes since midnight: midnight on one page of IBKR, 01:00 on a newer page. */
const resetMinutes = [0, 60];
/**
 * How long no init (`POST /iserver/auth/ssodh/init`) is sent after a reset has begun, in milliseconds: IBKR refuses an init during a
 * reset and counts it towards its limits. The time is less than the two minutes within which a session has to be alive again after a
 * reset.
 */
const resetHoldMs = 90_000;

/** Milliseconds for which no init may be sent because a reset has just begun; 0 if no reset has just begun. */
export function initHoldMs(at: number, region: IbkrRegion): number {
	const { minute } = localTime(at, zones[region]);
	const sinceMidnightMs = minute * minuteMs + (at % minuteMs);
	const sinceResetMs = resetMinutes
		.map((resetMinute) => sinceMidnightMs - resetMinute * minuteMs)
		.find((ms) => ms >= 0 && ms < resetHoldMs);
	return sinceResetMs === undefined ? 0 : Math.ceil(resetHoldMs - sinceResetMs);
}

/** Whether a loss at a given time was expected, and why. */
export interface Expectation {
	readonly expected: boolean;
	/** A human-readable sentence that says whether the loss was expected, and why. */
	readonly text: string;
}

/**
 * Says whether a loss at a given time was expected.
 *
 * @param mayBeReset - whether a reset can be the cause of the loss. A reset cannot cause a login elsewhere, a refused token, the end of the
 * gateway process or a broken network.
 */
export function lossExpectation(at: number, region: IbkrRegion, mayBeReset: boolean): Expectation {
	const maintenance = maintenanceAt(at, region);
	if (!maintenance) {
		return { expected: false, text: `ALARM: unexpected loss: IBKR resets no sessions at this time (${zones[region]})` };
	}
	const { what, zone, until } = maintenance;
	const over = `over by ${new Date(until).toISOString()}`;
	if (!mayBeReset)
		return { expected: false, text: `ALARM: unexpected loss: ${what} in ${zone}, ${over}, cannot be its cause` };
	return { expected: true, text: `expected: ${what} in ${zone}, ${over}` };
}

interface LocalTime {
	readonly weekday: string;
	/** Minutes since local midnight. */
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
