import type { CallMishap, FrameMishap, Trouble } from "../network/network-faults.ts";
import type { Way } from "../network/route.ts";
import { between, chance, pick } from "../world/seeded.ts";
import type { Fault } from "./faults.ts";

/** What befalls the way to any venue. `calls`: the venue is asked over HTTP too. */
export function wireFaults(way: Way, { frames, calls }: { frames: boolean; calls: boolean }): Fault[] {
	/** The latest of a kind holds: what undoes an earlier one leaves it alone. */
	const trouble = <Key extends keyof Trouble>(
		name: string,
		key: Key,
		draw: (random: () => number) => { value: Trouble[Key]; text?: string; mostMs: number },
		quiet: Trouble[Key],
	): Fault => ({
		name,
		strike: (random) => {
			const { value, text, mostMs } = draw(random);
			way.trouble[key] = value;
			const undo = (): void => {
				if (way.trouble[key] === value) way.trouble[key] = quiet;
			};
			return { ...(text === undefined ? {} : { text }), forMs: between(random, 200, mostMs), undo };
		},
	});
	const onFrames: Fault[] = [
		{ name: "reset", strike: () => done(() => way.drop()) },
		{ name: "half-open", strike: () => done(() => way.halfOpen()) },
		...frameKinds.map((kind) =>
			trouble(
				`frames ${kind}`,
				"frames",
				(random) => ({ value: { share: pick(random, [0.1, 0.5, 1]), kinds: [kind] }, mostMs: 60_000 }),
				undefined,
			),
		),
		trouble(
			"frames all",
			"frames",
			(random) => ({ value: { share: pick(random, [0.05, 0.3]), kinds: frameKinds }, mostMs: 400_000 }),
			undefined,
		),
	];
	const onCalls: Fault[] = [
		...callKinds.map((kind) =>
			trouble(
				`calls ${kind}`,
				"calls",
				(random) => ({ value: { share: pick(random, [0.3, 1]), kinds: [kind] }, mostMs: 120_000 }),
				undefined,
			),
		),
		trouble("calls all", "calls", () => ({ value: { share: 0.3, kinds: callKinds }, mostMs: 600_000 }), undefined),
	];
	return [
		{ ...partition(way), weight: 3 },
		trouble("refused", "refuses", () => ({ value: true, mostMs: 120_000 }), false),
		trouble("swallowed", "swallows", () => ({ value: true, mostMs: 120_000 }), false),
		trouble(
			"delay",
			"delayMs",
			(random) => {
				const ms = between(random, 50, pick(random, [500, 3_000, 15_000]));
				return { value: ms, text: `${ms} ms`, mostMs: 120_000 };
			},
			0,
		),
		...(frames ? onFrames : []),
		...(calls ? onCalls : []),
	];
}

const frameKinds: readonly FrameMishap[] = ["duplicate", "truncate", "garbage", "hold", "lose"];
const callKinds: readonly CallMishap[] = [
	"html",
	"empty",
	"unavailable",
	"hang",
	"reset",
	"truncate",
	"slow",
	"garbage",
];

/** Nothing passes for a while, and what was up stays dead. Now and then the lines end with it. */
export function partition(way: Way): Fault {
	let count = 0;
	return {
		name: "partition",
		strike: (random) => {
			count += 1;
			const mine = count;
			const forMs = Math.round(pick(random, [500, 5_000, 20_000, 60_000, 400_000]) * (0.5 + random()));
			if (chance(random, 0.2)) way.drop();
			way.trouble.cut = true;
			way.halfOpen();
			return {
				forMs,
				undo: () => {
					if (mine === count) way.trouble.cut = false;
				},
			};
		},
	};
}

function done(run: () => void): Record<string, never> {
	run();
	return {};
}
