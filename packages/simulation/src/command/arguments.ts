import { createHash } from "node:crypto";

/** What the command is to simulate. */
export type SimulateArguments =
	/** Plays one seed and prints a narrative log. */
	| { readonly kind: "one"; readonly seed: number; readonly days: number }
	/** Plays many seeds and prints totals. */
	| {
			readonly kind: "many";
			readonly first: number;
			readonly last: number;
			readonly days: number;
			/** How many processes run at a time. */
			readonly jobs: number;
	  };

export const usage = `usage: npm run simulate -- --seed N [--days D]
       npm run simulate -- --seeds A..B [--days D] [--jobs J]
       npm run simulate -- --fresh COUNT [--from TEXT] [--days D] [--jobs J]

  --seed N       plays one run and prints its log
  --seeds A..B   plays many runs and prints totals, and the first run that violates an invariant, with its seed
  --fresh COUNT  as --seeds, with seeds that depend on the time of day
  --from TEXT    with --fresh: seeds that depend on this text alone, such as what git rev-parse 'HEAD^{tree}' prints
  --days D       simulated days of each run: above 0, to 30; 1 when not given
  --jobs J       processes at a time: 1 to 64; one for each core when not given`;

const mostSeed = 2_147_483_647;
/** `--fresh` uses seeds from this number on. They are above the seeds that people choose by hand, and below `mostSeed`. */
const firstFresh = 1_000_000;
const freshOnes = 1_000_000_000;
const flags = ["--seed", "--seeds", "--fresh", "--from", "--days", "--jobs"];

/**
 * Reads the arguments of the command.
 *
 * @throws TypeError that names the wrong argument and what is allowed.
 */
export function readArguments(
	args: readonly string[],
	{ cores, now }: { cores: number; now: number },
): SimulateArguments {
	const given = new Map<string, string>();
	const rest = [...args];
	for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
		const [flag = "", inline] = arg.split("=", 2);
		const value = inline ?? rest.shift();
		if (!flags.includes(flag)) {
			throw new TypeError(`${arg} is not an argument of the simulation`);
		}
		if (value === undefined || given.has(flag)) throw new TypeError(`${flag} must be given once and with one value`);
		given.set(flag, value);
	}
	const whole = (flag: string, usual: number | undefined, most: number): number => {
		const value = Number(given.get(flag) ?? usual);
		if (Number.isInteger(value) && value >= 1 && value <= most) return value;
		throw new TypeError(`${flag} takes a whole number from 1 to ${most}`);
	};
	const days = Number(given.get("--days") ?? 1);
	if (!(days > 0 && days <= 30)) throw new TypeError("--days takes a number above 0 and at most 30");
	const asked = ["--seed", "--seeds", "--fresh"].filter((flag) => given.has(flag));
	if (asked.length !== 1) throw new TypeError("exactly one of --seed, --seeds and --fresh is needed");
	const from = given.get("--from");
	if (from !== undefined && (from === "" || asked[0] !== "--fresh")) {
		throw new TypeError("--from takes a non-empty string, and is only allowed together with --fresh");
	}
	if (asked[0] === "--seed") return { kind: "one", seed: whole("--seed", undefined, mostSeed), days };
	const jobs = whole("--jobs", cores, 64);
	if (asked[0] === "--fresh") {
		const count = whole("--fresh", undefined, 1_000_000);
		const first = firstFreshSeed(from, now);
		return { kind: "many", first, last: first + count - 1, days, jobs };
	}
	const [, least = "", most = ""] = /^(\d+)\.\.(\d+)$/.exec(given.get("--seeds") ?? "") ?? [];
	const first = Number(least);
	const last = Number(most);
	if (!(first >= 1 && last >= first && last <= mostSeed)) {
		throw new TypeError(`--seeds takes a range of seeds from 1 to ${mostSeed}, the lower one first, such as 1..100`);
	}
	return { kind: "many", first, last, days, jobs };
}

/**
 * The first of the seeds that `--fresh` plays, chosen so that probably nobody has played it before. The seed depends only on the given
 * text. Without a text, the seed changes every second, so that two runs on one day play different seeds.
 */
export function firstFreshSeed(from: string | undefined, now: number): number {
	return firstFresh + ((from === undefined ? Math.floor(now / 1_000) : numberFrom(from)) % freshOnes);
}

/** A number that depends only on the text. */
function numberFrom(text: string): number {
	return createHash("sha256").update(text).digest().readUIntBE(0, 6);
}
