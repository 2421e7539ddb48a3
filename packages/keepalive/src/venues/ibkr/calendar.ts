/** Which of the venue's places serves the user: its nights are when sessions are reset. */
export type IbkrRegion = "america" | "europe" | "asia";

const zones: Readonly<Record<IbkrRegion, string>> = {
	america: "America/New_York",
	europe: "Europe/Zurich",
	asia: "Asia/Hong_Kong",
};

/** The region by the venue's own word in a validation. Two words have been seen; any other tells nothing. */
export function regionOf(word: string | undefined): IbkrRegion | undefined {
	if (word === "NJ") return "america";
	return word === "EU" ? "europe" : undefined;
}

/** A stretch of time in which the loss of a session is the venue's plan. */
export interface QuietTime {
	readonly what: "the nightly reset" | "the weekend's maintenance";
	readonly zone: string;
	/** Its end in epoch milliseconds. */
	readonly until: number;
}

const minuteMs = 60_000;
/** One page of the venue says midnight, a newer one 01:00; logins take some minutes to work again after either. */
const resetEndsAtMinute = 90;
/** The venue says Saturday evening without hours. */
const maintenanceFromMinute = 18 * 60;
const dayMinutes = 24 * 60;

/** The quiet time that an instant lies in, by the clock of the region's own zone: summer time moves it. */
export function quietTime(at: number, region: IbkrRegion): QuietTime | undefined {
	const zone = zones[region];
	const { weekday, minute } = localTime(at, zone);
	// No zone here changes its clock inside either stretch.
	const until = (endMinute: number): number => (Math.floor(at / minuteMs) + endMinute - minute) * minuteMs;
	if (minute < resetEndsAtMinute) return { what: "the nightly reset", zone, until: until(resetEndsAtMinute) };
	if (weekday !== "Sat" || minute < maintenanceFromMinute) return undefined;
	// It runs into the reset of the next day.
	return { what: "the weekend's maintenance", zone, until: until(dayMinutes + resetEndsAtMinute) };
}

/** The venue ends sessions at midnight by one of its pages and at 01:00 by a newer one. */
const resetMinutes = [0, 60];
/** In the middle of a reset an init is refused, and counts. Shorter than two minutes, in which a session has to be back. */
const holdMs = 90_000;

/** How many milliseconds an init has to wait because a reset has just begun; 0 at any other time. */
export function resetHoldMs(at: number, region: IbkrRegion): number {
	const { minute } = localTime(at, zones[region]);
	const sinceMidnightMs = minute * minuteMs + (at % minuteMs);
	const begun = resetMinutes.map((resetMinute) => sinceMidnightMs - resetMinute * minuteMs);
	const since = begun.find((ms) => ms >= 0 && ms < holdMs);
	return since === undefined ? 0 : Math.ceil(holdMs - since);
}

/** Whether a loss at an instant was to be expected. */
export interface Expectation {
	readonly expected: boolean;
	/** The same for people. */
	readonly words: string;
}

export function expectation(at: number, region: IbkrRegion): Expectation {
	const quiet = quietTime(at, region);
	if (!quiet) {
		return { expected: false, words: `ALARM: not a time at which the venue resets sessions (${zones[region]})` };
	}
	const over = new Date(quiet.until).toISOString();
	return { expected: true, words: `expected: ${quiet.what} in ${quiet.zone}, over by ${over}` };
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
