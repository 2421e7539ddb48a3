import { join } from "node:path";
import type { Strange } from "../contestants/malformed.ts";
import { attempt } from "../harness/outcome.ts";
import { Child } from "../harness/process.ts";
import { pause } from "../harness/stage.ts";
import type { Measure, Verdict } from "../harness/verdict.ts";

/** Not JSON, cut, null, a number, an array, {}, empty, binary, nulls everywhere, wrong types. Bad UTF-8 comes last. */
const frames: readonly (string | readonly number[])[] = [
	"hello",
	'{"op":"pong","req_id":',
	"null",
	"42",
	"[1,2,3]",
	"{}",
	"",
	[0, 255, 1, 254],
	'{"op":null,"topic":null,"method":null,"params":null}',
	'{"op":7,"topic":[],"method":{},"params":"text"}',
];

/** Malformed frames. */
export const malformed: Measure = {
	id: "malformed",
	about:
		"Eleven malformed frames: not JSON, cut, `null`, a number, an array, `{}`, empty, binary, nulls, wrong types, and bad " +
		"UTF-8, for which the socket class itself ends the line. Each must be reported, and nothing may crash.",
	boundMs: 60_000,
	async run() {
		return [await shout("oursBybit", "@x/bybit-dcp"), await shout("oursDeribit", "@x/deribit-session")];
	},
};

async function shout(name: string, words: string): Promise<Verdict> {
	const measure = `11 malformed frames, ${words}: reported`;
	const { value, fault } = await attempt(() => suffer(name));
	const judged = { measure, target: { atLeast: 11 }, unit: "" };
	if (fault !== undefined)
		return { ...judged, ours: "failed", against: "", figure: undefined, note: `failed: ${fault}` };
	const { ten, ended, fatal } = value;
	const told = ten.reported + (ended && !ten.ended ? 1 : 0);
	return {
		...judged,
		ours: `${ten.reported} of 10 as strange, the line ${ended ? "ended with its reason" : "stayed"} after bad UTF-8`,
		against: `unhandled errors: ${fatal}`,
		figure: fatal > 0 ? 0 : told,
	};
}

async function suffer(name: string): Promise<Strange & { ten: Strange }> {
	const server = await Child.start(join(import.meta.dirname, "../servers/bybit.ts"), "bybitServer");
	const addresses = await server.call<object>("addresses");
	const player = await Child.start(join(import.meta.dirname, "../contestants/malformed.ts"), name);
	await player.call("up", addresses);
	await server.call("shout", frames);
	await pause(500);
	const ten = await player.call<Strange>("strange");
	await server.call("shoutBadUtf8");
	await pause(1_000);
	return { ...(await player.call<Strange>("strange")), ten };
}
