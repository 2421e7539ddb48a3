import type { Keeper } from "@x/keepalive";
import { summaryLines, table } from "./plain-screen.ts";
import type { Screen } from "./screen.ts";
import { duration, exposure, line, protectionOf, why } from "./words.ts";

const frameMs = 200;

/** A table redrawn in place below the log. */
export function liveScreen(out: NodeJS.WriteStream): Screen & { show(keeper: Keeper): void } {
	let keeper: Keeper | undefined;
	let drawn = 0;
	const erase = (): void => {
		if (drawn > 0) out.write(`\x1b[${drawn}A\x1b[J`);
		drawn = 0;
	};
	const draw = (): void => {
		erase();
		if (!keeper) return;
		const lines = ["", ...rows(keeper)].map((text) => text.slice(0, out.columns));
		out.write(`${lines.join("\n")}\n`);
		drawn = lines.length;
	};
	const above = (text: string): void => {
		erase();
		out.write(`${text}\n`);
		draw();
	};
	const timer = setInterval(draw, frameMs);
	return {
		show: (shown) => {
			keeper = shown;
		},
		changed: (record) => above(`  ${line(record)}`),
		tell: (text) => above(`\x1b[1m${text}\x1b[0m`),
		end: (summary) => {
			clearInterval(timer);
			erase();
			for (const text of summaryLines(summary)) out.write(`${text}\n`);
		},
	};
}

function rows(keeper: Keeper): string[] {
	const head = ["session", "status", "protection", "exposure", "last beat", "beats", "recoveries", ""];
	const body = Object.values(keeper.snapshot()).map(({ session, status, tally }) => [
		session,
		status.state,
		protectionOf(status)?.state ?? "-",
		exposure(status),
		tally.lastBeatAt === undefined ? "-" : `${duration(Math.max(0, Date.now() - tally.lastBeatAt))} ago`,
		String(tally.beats),
		String(tally.recoveries),
		why(status),
	]);
	return table([head, ...body]);
}
