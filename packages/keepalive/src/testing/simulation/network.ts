import { type Link, memoryFetch, memoryWebSocket, type WireRequest } from "@x/venue-sims";
import { type Machine, worldTimeout } from "./machine.ts";
import type { Seen, Sent } from "./stage.ts";

/** Runs things in their order, each so much later. */
function delayed(ms: number): (run: () => void) => void {
	if (ms === 0) return (run) => run();
	return (run) => void worldTimeout(run, ms);
}

/** A time of the world that passes however still the machine stands. */
async function lapse(ms: number): Promise<void> {
	if (ms > 0) await new Promise<void>((resolve) => void worldTimeout(resolve, ms));
}

/** What a client is handed in place of the platform's network, and what the network saw of it. */
export interface Network {
	readonly fetch: typeof fetch;
	readonly WebSocket: typeof WebSocket;
	readonly seen: Seen[];
	readonly sent: Sent[];
	/** Connections accepted so far. */
	accepted(): number;
}

/** Stands between a machine and a venue: all that the machine sends and gets passes here, each way so much later. */
export function network(link: Link, machine: Machine, latencyMs: number): Network {
	const seen: Seen[] = [];
	const sent: Sent[] = [];
	let accepted = 0;
	const { upgrade, http } = { upgrade: link.upgrade.bind(link), http: link.http.bind(link) };
	link.upgrade = (request: WireRequest) => {
		const answer = upgrade(request);
		const status = answer.kind === "accept" ? 101 : answer.kind === "reply" ? answer.status : undefined;
		seen.push({ at: machine.worldNow(), kind: "upgrade", path: request.url.pathname, status });
		if (answer.kind !== "accept") return answer;
		accepted += 1;
		const there = delayed(latencyMs);
		const back = delayed(latencyMs);
		const news = (run: () => void): void => back(() => machine.deliver(run));
		return {
			kind: "accept",
			attach: (wire) => {
				const end = answer.attach({
					send: (data) => news(() => wire.send(data)),
					close: (code, reason) => news(() => wire.close(code, reason)),
					drop: () => news(() => wire.drop()),
					silence: () => wire.silence(),
				});
				let isOver = false;
				return {
					// What is still on its way when the connection ends is lost with it.
					message: (data) => there(() => isOver || end.message(data)),
					closed: (code) => {
						isOver = true;
						return end.closed(code);
					},
				};
			},
		};
	};
	link.http = async (request: WireRequest) => {
		await lapse(latencyMs);
		const at = machine.worldNow();
		const reply = await http(request);
		const status = reply.kind === "reply" ? reply.status : undefined;
		seen.push({ at, kind: "http", path: request.url.pathname, status });
		await lapse(latencyMs);
		await machine.running();
		return reply;
	};
	const Base = memoryWebSocket(link);
	class Watched extends Base {
		override send(data: string): void {
			// The clients send JSON objects with one or the other.
			const frame = JSON.parse(data) as { method?: string; op?: string };
			sent.push({ at: machine.worldNow(), what: frame.method ?? frame.op ?? "?" });
			super.send(data);
		}
	}
	return {
		fetch: memoryFetch(link),
		// A class of the simulators that has what a client uses of the platform's.
		WebSocket: Watched as unknown as typeof WebSocket,
		seen,
		sent,
		accepted: () => accepted,
	};
}
