import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Notifier } from "./notifier.ts";
import { listenForNotifications, whyNotTested } from "./testing/notify-socket.ts";

/** Returns a notifier and the warnings that it has logged. */
function notifierAt(path: string) {
	const warnings: string[] = [];
	const nothing = (): void => undefined;
	const logger = { debug: nothing, info: nothing, warn: (text: string) => void warnings.push(text), error: nothing };
	return { warnings, notifier: Notifier.create({ NOTIFY_SOCKET: path }, logger) };
}

describe("Notifier", () => {
	it("Notifier warns once and never rejects when systemd-notify cannot be started", async () => {
		const { notifier, warnings } = notifierAt("/nowhere/notify");
		// Linux starts no process with an argument of this length, so starting systemd-notify fails.
		const STATUS = "x".repeat(4_000_000);
		await Promise.all([notifier?.send({ STATUS }), notifier?.send({ STATUS })]);
		await notifier?.send({ STATUS });
		expect(warnings).toEqual([expect.stringContaining("systemd-notify failed (E2BIG)")]);
	});

	it.skipIf(whyNotTested)("Notifier replaces control characters in a message by a space", async () => {
		const folder = mkdtempSync(join(tmpdir(), "agent-notify-"));
		onTestFinished(() => rmSync(folder, { recursive: true }));
		const socket = await listenForNotifications(folder);
		onTestFinished(() => socket.close());
		// The program systemd-notify reads this variable.
		process.env["NOTIFY_SOCKET"] = socket.path;
		onTestFinished(() => void delete process.env["NOTIFY_SOCKET"]);
		const { notifier, warnings } = notifierAt(socket.path);
		await notifier?.send({ STATUS: "lost: a\u0000b\u001b[1mc\n\td\u0085e" });
		expect(await socket.until("STATUS=")).toBe("STATUS=lost: a b [1mc d e");
		expect(warnings).toEqual([]);
	});
});
