import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { quantile } from "../harness/round-statistics.ts";

const probe = '{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}';
const results: Readonly<Record<string, string>> = {
	"public/test": '{"version":"1.2.26"}',
	"public/auth":
		'{"access_token":"a","token_type":"bearer","expires_in":31536000,"refresh_token":"r","scope":"account:read_write connection"}',
	"public/set_heartbeat": '"ok"',
	"private/enable_cancel_on_disconnect": '"ok"',
	"private/get_cancel_on_disconnect": '{"scope":"connection","enabled":true}',
};

/** The reply to a request. The request is not parsed as JSON, because the server must cost less than the measured client. */
function replyTo(text: string): string {
	const id = /"id":(\d+)/.exec(text)?.[1] ?? "0";
	const method = /"method":"([\w/]+)"/.exec(text)?.[1] ?? "";
	return `{"jsonrpc":"2.0","id":${id},"result":${results[method] ?? '"ok"'},"usIn":1,"usOut":2,"usDiff":1,"testnet":true}`;
}

/** Times of one round in which each `test_request` is sent after the answer to the previous one. */
export interface ProbeRound {
	readonly p50Us: number;
	readonly p99Us: number;
	readonly answered: number;
}

/**
 * Times of a round in which a `test_request` is sent at a fixed interval, whether or not the previous one was answered.
 */
export interface TimedProbes {
	readonly within100Ms: number;
	readonly p50Us: number;
	readonly p99Us: number;
}

/**
 * A minimal, fast Deribit server for benchmarks, which sends `test_request` on demand. The parameter `name` of the URL
 * names the connection.
 */
export function deribitServer() {
	const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
	const sockets = new Map<string, WebSocket>();
	const onAnswer = new Map<WebSocket, () => void>();
	server.on("connection", (socket, request) => {
		sockets.set(new URL(request.url ?? "/", "ws://x").searchParams.get("name") ?? "", socket);
		socket.on("message", (data) => {
			const text = String(data);
			if (text.includes("public/test")) onAnswer.get(socket)?.();
			socket.send(replyTo(text));
		});
		socket.on("error", () => undefined);
	});
	return {
		url: async () => {
			if (server.address() === null) await once(server, "listening");
			return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/api/v2`;
		},
		/**
		 * Makes the server stop reading and answering on the named connection, which stays open. Returns the time at which it stopped, in
		 * milliseconds on the monotonic clock of the machine.
		 */
		silence: ({ name }: { name: string }): number => {
			sockets.get(name)?.pause();
			return Number(process.hrtime.bigint() / 1_000n) / 1_000;
		},
		/** Resets the named connection. Returns the time of the reset, by the clock that `silence` uses. */
		cut: ({ name }: { name: string }): number => {
			sockets.get(name)?.terminate();
			return Number(process.hrtime.bigint() / 1_000n) / 1_000;
		},
		async timedProbes({
			name,
			count,
			everyMs,
		}: {
			name: string;
			count: number;
			everyMs: number;
		}): Promise<TimedProbes> {
			const socket = sockets.get(name);
			if (!socket) throw new Error(`${name} is not connected`);
			const asked: number[] = [];
			const took: number[] = [];
			// The keeper sends the same call as a beat and as an answer to `test_request`. So a call counts as an answer only while a
			// `test_request` is unanswered.
			onAnswer.set(socket, () => {
				const at = asked.shift();
				if (at !== undefined) took.push((performance.now() - at) * 1_000);
			});
			for (let sent = 0; sent < count; sent++) {
				asked.push(performance.now());
				socket.send(probe);
				await new Promise((resolve) => setTimeout(resolve, everyMs));
			}
			onAnswer.delete(socket);
			const within100Ms = took.filter((us) => us <= 100_000).length;
			return { within100Ms, p50Us: quantile(took, 0.5), p99Us: quantile(took, 0.99) };
		},
		async probes({ name, count }: { name: string; count: number }): Promise<ProbeRound> {
			const socket = sockets.get(name);
			if (!socket) throw new Error(`${name} is not connected`);
			const took = new Float64Array(count);
			for (let at = 0; at < count; at++) {
				const answered = new Promise<void>((resolve) => onAnswer.set(socket, resolve));
				const asked = process.hrtime.bigint();
				socket.send(probe);
				await answered;
				took[at] = Number(process.hrtime.bigint() - asked) / 1_000;
			}
			return { p50Us: quantile(took, 0.5), p99Us: quantile(took, 0.99), answered: count };
		},
	};
}
