import { stripVTControlCharacters, styleText } from "node:util";
import { alignColumns } from "@x/base/align-columns";
import type { Keeper } from "@x/keepalive";
import wrapAnsi from "wrap-ansi";
import { duration, exposure, protectionOf, remark, type StatusLine, statusLines } from "./format-status-lines.ts";
import { summaryLines } from "./plain-screen.ts";
import type { Screen } from "./screen.ts";

const frameMs = 200;

const colours = {
	opening: "cyan",
	alive: "green",
	late: "yellow",
	lost: "red",
	waiting: "yellow",
	blocked: "magenta",
	gated: "magenta",
	standby: "dim",
	leaving: "dim",
	stopped: "dim",
} as const;

/** Shows the log, and below it a table that is redrawn in place. */
export function liveScreen(out: NodeJS.WriteStream): Screen & { show(keeper: Keeper): void } {
	const describe = statusLines();
	const paint = (state: StatusLine["state"], text: string): string => styleText(colours[state], text, { stream: out });
	// The cast is safe: each key of `colours` is a state.
	const painted = (word: string): string => (word in colours ? paint(word as StatusLine["state"], word) : word);
	const bold = (text: string): string => styleText("bold", text, { stream: out });
	let keeper: Keeper | undefined;
	let drawn: readonly string[] = [];
	const erase = (): void => {
		// The rows are counted only now, because the terminal may have become narrower since the lines were drawn, and may have wrapped them.
		const height = drawn.reduce((sum, text) => sum + rowsOf(text, out.columns), 0);
		if (height > 0) out.write(`\x1b[${height}A\x1b[J`);
		drawn = [];
	};
	const draw = (): void => {
		erase();
		if (!keeper) return;
		drawn = ["", ...tableOf(keeper)].map((text) => text.slice(0, out.columns));
		for (const text of drawn) out.write(`${text.replace(/(?<=^\w+ +)\w+/, painted)}\n`);
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
		changed: (record) => {
			const { state, head, reason } = describe(record);
			above(`  ${paint(state, head)}${reason && `\n${wrapped(reason, out.columns, "      ")}`}`);
		},
		tell: (text) => above(bold(wrapped(text, out.columns, ""))),
		explain: (text) => above(wrapped(text, out.columns, "  ")),
		end: (summary) => {
			clearInterval(timer);
			erase();
			for (const text of summaryLines(summary)) out.write(`${wrapped(text, out.columns, "")}\n`);
		},
	};
}

/** Wraps a text at words, with an indent before each line. */
export function wrapped(text: string, columns: number, indent: string): string {
	return wrapAnsi(text, Math.max(20, columns - indent.length)).replaceAll(/^/gm, indent);
}

/** How many rows a terminal needs for a line. */
export function rowsOf(text: string, columns: number): number {
	return Math.max(1, Math.ceil(stripVTControlCharacters(text).length / columns));
}

function tableOf(keeper: Keeper): readonly string[] {
	const head = ["session", "status", "protection", "exposure", "last beat", "beats", "recoveries", ""];
	const body = Object.values(keeper.snapshot()).map(({ session, status, tally }) => [
		session,
		status.state,
		protectionOf(status)?.state ?? "-",
		exposure(status),
		tally.lastBeatAt === undefined ? "-" : `${duration(Math.max(0, Date.now() - tally.lastBeatAt))} ago`,
		String(tally.beats),
		String(tally.recoveries),
		remark(status),
	]);
	return alignColumns([head, ...body]);
}
