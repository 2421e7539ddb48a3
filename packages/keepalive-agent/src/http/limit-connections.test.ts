import { Agent, createServer, type RequestListener, request, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { limitConnections } from "./limit-connections.ts";

const most = 8;

/** Starts a server with room for eight connections. */
async function serverWithRoom(onRequest: RequestListener = (_, response) => response.end("ok")) {
	const server: Server = createServer(onRequest);
	limitConnections(server, most);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	// The cast is safe: a server that listens on a TCP port has an address of this type.
	const { port } = server.address() as AddressInfo;
	/** Opens connections one after the other, and sends the same text over each. */
	const flood = async (count: number, text: string): Promise<Socket[]> => {
		const sockets: Socket[] = [];
		for (let index = 0; index < count; index++) {
			const socket = connect(port, "127.0.0.1");
			socket.on("error", () => undefined);
			onTestFinished(() => void socket.destroy());
			await new Promise<void>((resolve) => socket.once("connect", resolve));
			if (text !== "") await new Promise<void>((resolve) => socket.write(text, () => resolve()));
			sockets.push(socket);
		}
		return sockets;
	};
	/** Sends a request over a new connection, or over a connection of the given HTTP agent. Resolves with the status of the answer. */
	const ask = (agent: Agent | false = false): Promise<number | undefined> =>
		new Promise((resolve, reject) => {
			const asked = request({ port, host: "127.0.0.1", agent, timeout: 5_000 }, (response) => {
				response.resume().once("end", () => resolve(response.statusCode));
			});
			asked.once("error", reject).end();
		});
	return { flood, ask };
}

it.each([
	["have sent nothing", ""],
	["have sent half of a request's headers", "GET / HTTP/1.1\r\nhost: x\r\n"],
	["have sent half of a request's body", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf"],
])(
	"limitConnections lets a new request be answered while three times as many connections as allowed %s",
	async (_, text) => {
		const { flood, ask } = await serverWithRoom((incoming, response) => {
			incoming.resume().once("end", () => response.end("ok"));
		});
		await flood(3 * most, text);
		for (let index = 0; index < 3; index++) expect(await ask()).toBe(200);
	},
);

it("limitConnections, at its limit, closes connections without any request, and keeps the idle connection of a client that has had an answer", async () => {
	const { flood, ask } = await serverWithRoom();
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	onTestFinished(() => agent.destroy());
	let connections = 0;
	const create = agent.createConnection.bind(agent);
	agent.createConnection = (...parameters) => {
		connections += 1;
		return create(...parameters);
	};
	await ask(agent);
	await flood(3 * most, "");
	expect([await ask(agent), connections]).toEqual([200, 1]);
});

it("limitConnections, at its limit, closes the newest connection if all others are waiting for an answer", async () => {
	const answers: (() => void)[] = [];
	const { flood, ask } = await serverWithRoom((_, response) => void answers.push(() => response.end("late")));
	const pending = Array.from({ length: most }, () => ask());
	await expect.poll(() => answers.length).toBe(most);
	const [more] = await flood(1, "");
	await new Promise((resolve) => more?.once("close", resolve));
	for (const answer of answers) answer();
	expect(await Promise.all(pending)).toEqual(Array.from({ length: most }, () => 200));
});
