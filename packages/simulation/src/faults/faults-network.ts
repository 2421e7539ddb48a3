import type { CallFault, FrameFault, NetworkState } from "../network/network-faults.ts";
import type { Direction, Route } from "../network/simulated-route.ts";
import { between, chance, pick } from "../world/seeded-random.ts";
import type { Fault } from "./fault-definition.ts";

/** Faults of the network to one venue. `frames`: the session uses WebSockets; `calls`: the session makes HTTP calls. */
export function networkFaults(route: Route, { frames, calls }: { frames: boolean; calls: boolean }): Fault[] {
	/**
	 * Creates a network fault that sets one member of the network's state. If a later fault has set the member to another value, the end of
	 * the earlier fault does not change this value.
	 */
	const network = <Key extends keyof NetworkState>(
		name: string,
		key: Key,
		draw: (random: () => number) => { value: NetworkState[Key]; text?: string; mostMs: number },
		quiet: NetworkState[Key],
	): Fault => ({
		name,
		inject: (random) => {
			const { value, text, mostMs } = draw(random);
			route.network[key] = value;
			const undo = (): void => {
				if (route.network[key] === value) route.network[key] = quiet;
			};
			return { ...(text === undefined ? {} : { text }), forMs: between(random, 200, mostMs), undo };
		},
	});
	const onFrames: Fault[] = [
		{
			name: "reset",
			inject: () => {
				route.drop();
				return { isDrop: true };
			},
		},
		flappingLine(route),
		{ name: "half-open", inject: () => done(() => route.halfOpen()) },
		...frameKinds.map((kind) =>
			network(
				`frames ${kind}`,
				"frames",
				(random) => ({ value: { share: pick(random, [0.1, 0.5, 1]), kinds: [kind] }, mostMs: 60_000 }),
				undefined,
			),
		),
		network(
			"frames all",
			"frames",
			(random) => ({ value: { share: pick(random, [0.05, 0.3]), kinds: frameKinds }, mostMs: 400_000 }),
			undefined,
		),
	];
	const onCalls: Fault[] = [
		...callKinds.map((kind) =>
			network(
				`calls ${kind}`,
				"calls",
				(random) => ({ value: { share: pick(random, [0.3, 1]), kinds: [kind] }, mostMs: 120_000 }),
				undefined,
			),
		),
		network("calls all", "calls", () => ({ value: { share: 0.3, kinds: callKinds }, mostMs: 600_000 }), undefined),
	];
	return [
		{ ...partition(route), weight: 3 },
		network("refused", "refuses", () => ({ value: true, mostMs: 120_000 }), false),
		network("swallowed", "swallows", () => ({ value: true, mostMs: 120_000 }), false),
		network(
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

/** For a while, open connections carry no data in one direction or in both, but TCP keeps them open. New connections work. */
export function silentLine(route: Route): Fault {
	const directions: readonly (readonly Direction[])[] = [["there"], ["back"], ["there", "back"]];
	return {
		name: "silent line",
		weight: 3,
		inject: (random) => {
			const silenced = pick(random, directions);
			const ends = route.openConnections.map((line) => line.silence(silenced));
			const undo = (): void => {
				for (const end of ends) end();
			};
			const forMs = Math.round(pick(random, [1_000, 5_000, 20_000, 120_000]) * (0.5 + random()));
			return { text: silenced.join(" and "), forMs, undo };
		},
	};
}

/** Connections drop at regular intervals for a while. Both sides notice, and new connections work until the next drop. */
function flappingLine(route: Route): Fault {
	return {
		name: "flapping line",
		weight: 3,
		inject: (random) => {
			const everyMs = Math.round(pick(random, [7_000, 20_000, 20_000, 40_000]) * (0.8 + 0.4 * random()));
			let isOver = false;
			const drop = (): void => {
				if (isOver) return;
				route.drop();
				route.world.after(everyMs, drop);
			};
			drop();
			const undo = (): void => {
				isOver = true;
			};
			return { text: `every ${everyMs} ms`, forMs: between(random, 60_000, 600_000), isDrop: true, undo };
		},
	};
}

const frameKinds: readonly FrameFault[] = ["duplicate", "truncate", "garbage", "hold", "lose"];
const callKinds: readonly CallFault[] = [
	"html",
	"empty",
	"unavailable",
	"hang",
	"reset",
	"truncate",
	"slow",
	"garbage",
];

/**
 * A network partition for a while. Afterwards, connections that were open before stay half-open, and sometimes they are reset.
 */
function partition(route: Route): Fault {
	let count = 0;
	return {
		name: "partition",
		inject: (random) => {
			count += 1;
			const mine = count;
			const forMs = Math.round(pick(random, [500, 5_000, 20_000, 60_000, 400_000]) * (0.5 + random()));
			if (chance(random, 0.2)) route.drop();
			route.network.cut = true;
			route.halfOpen();
			return {
				forMs,
				undo: () => {
					if (mine === count) route.network.cut = false;
				},
			};
		},
	};
}

function done(run: () => void): Record<string, never> {
	run();
	return {};
}
