import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The reason why messages to systemd cannot be tested on this machine; undefined if they can be tested. */
export const whyNotTested = ((): string | undefined => {
	for (const program of ["systemd-notify", "python3"]) {
		if (spawnSync(program, ["--version"]).error) return `${program} is not installed`;
	}
	return undefined;
})();

/** A program in Python, because Node.js has no datagram sockets of the family AF_UNIX. It prints each datagram as a line of JSON. */
const receiver = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("ready", flush=True)
while True:
    # Without a buffer for the file descriptor of a barrier the kernel closes it, which is what the sender waits for.
    print(json.dumps(s.recv(65536).decode()), flush=True)
`;

/** Opens a real notify socket, like the one that systemd opens. */
export async function listenForNotifications(folder: string) {
	const path = join(folder, "notify");
	const child = spawn("python3", ["-c", receiver, path], { stdio: ["ignore", "pipe", "inherit"] });
	/** Every variable that was received, such as `READY=1`, in order. */
	const received: string[] = [];
	const lines = createInterface(child.stdout);
	await new Promise<void>((resolve) => lines.once("line", () => resolve()));
	lines.on("line", (line) => {
		const variables = String(JSON.parse(line)).trim().split("\n");
		// BARRIER=1 is left out: systemd-notify sends it to wait until its message was read.
		received.push(...variables.filter((variable) => variable !== "BARRIER=1"));
	});
	return {
		path,
		received,
		/** Waits for a variable that begins with `beginning`, and returns it. The first `from` variables that were received are skipped. */
		async until(beginning: string, from = 0): Promise<string> {
			for (;;) {
				const found = received.slice(from).find((variable) => variable.startsWith(beginning));
				if (found !== undefined) return found;
				await new Promise((resolve) => setTimeout(resolve, 20));
			}
		},
		close: () => void child.kill("SIGKILL"),
	};
}
