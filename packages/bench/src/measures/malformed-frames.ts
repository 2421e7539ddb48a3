import { join } from "node:path";
import type { UnexpectedReport } from "../contestants/clients-receiving-malformed-frames.ts";
import { Child } from "../harness/child-process.ts";
import type { Measure, Verdict } from "../harness/measure-and-table-row.ts";
import { pause } from "../harness/program-with-bybit-server.ts";
import { attempt } from "../harness/result-or-error.ts";

/**
 * The frames to send: not JSON, truncated JSON, null, a number, an array, {}, empty, binary, null in every member,
 * wrong types. A frame with bad UTF-8 follows separately.
 */
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

/** Checks how our clients handle malformed frames. */
export const malformed: Measure = {
	id: "malformed",
	about:
		"Eleven malformed frames: not JSON, cut, `null`, a number, an array, `{}`, empty, binary, nulls, wrong types, and bad " +
		"UTF-8, for which the socket class itself ends the connection. Each must be reported, and nothing may crash.",
	boundMs: 60_000,
	async run() {
		return [await measureClient("oursBybit", "@x/bybit-dcp"), await measureClient("oursDeribit", "@x/deribit-session")];
	},
};

async function measureClient(name: string, client: string): Promise<Verdict> {
	const measure = `11 malformed frames, ${client}: reported`;
	const { value, fault } = await attempt(() => sendMalformedFrames(name));
	const judged = { measure, target: { atLeast: 11 }, unit: "" };
	if (fault !== undefined)
		return { ...judged, ours: "failed", against: "", figure: undefined, note: `failed: ${fault}` };
	const { ten, ended, fatal } = value;
	const reported = ten.reported + (ended && !ten.ended ? 1 : 0);
	return {
		...judged,
		ours: `${ten.reported} of 10 as unexpected, the connection ${ended ? "ended with its reason" : "stayed"} after bad UTF-8`,
		against: `unhandled errors: ${fatal}`,
		figure: fatal > 0 ? 0 : reported,
	};
}

async function sendMalformedFrames(name: string): Promise<UnexpectedReport & { ten: UnexpectedReport }> {
	const server = await Child.start(join(import.meta.dirname, "../servers/bybit.ts"), "bybitServer");
	const addresses = await server.call<object>("addresses");
	const player = await Child.start(
		join(import.meta.dirname, "../contestants/clients-receiving-malformed-frames.ts"),
		name,
	);
	await player.call("up", addresses);
	await server.call("sendToAll", frames);
	await pause(500);
	const ten = await player.call<UnexpectedReport>("unexpected");
	await server.call("sendBadUtf8");
	await pause(1_000);
	return { ...(await player.call<UnexpectedReport>("unexpected")), ten };
}
