import { existsSync, mkdtempDisposableSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveVenues, type VenueAddresses } from "@x/venue-sims";
import { describe, expect, it, onTestFinished } from "vitest";
import { run } from "./testing/run-command.ts";

const command = "packages/venue-sims/bin/venue-sims.js";

describe("venue-sims", () => {
	it("venue-sims prints one JSON line with the addresses, lists the faults at its control server, and ends at a signal", async () => {
		let seen: VenueAddresses | undefined;
		let faults: unknown;
		const { code, stderr } = await run("node", [command], {
			onOutput: (stdout, child) => {
				if (seen || !stdout.includes("\n")) return;
				seen = JSON.parse(stdout.slice(0, stdout.indexOf("\n"))) as VenueAddresses;
				void fetch(seen.control)
					.then(async (reply) => {
						faults = await reply.json();
					})
					.finally(() => child.kill("SIGTERM"));
			},
		});
		expect(code).toBe(0);
		expect(seen).toMatchObject({
			deribit: { http: expect.stringMatching(/^http:\/\/127\.0\.0\.1:/), ws: expect.stringMatching(/^ws:/) },
			ibkr: { http: expect.stringMatching(/^https:\/\/127\.0\.0\.1:/), ws: expect.stringMatching(/^wss:/) },
			bybit: { http: expect.stringMatching(/^http:/), ws: expect.stringMatching(/^ws:/) },
			ibkrOauth1: { http: expect.stringMatching(/^http:.*\/v1\/api$/) },
			ibkrOauth2: { origin: expect.stringMatching(/^http:/) },
			credentials: {
				deribit: expect.anything(),
				ibkrOauth1: { signatureKey: expect.stringMatching(/^-----BEGIN PRIVATE KEY/), dhPrime: expect.anything() },
				ibkrOauth2: { clientId: "sims-client", privateKey: expect.stringMatching(/^-----BEGIN PRIVATE KEY/) },
				bybit: expect.anything(),
			},
		});
		expect(faults).toMatchObject({ deribit: expect.arrayContaining(["drop", "place", "truth"]) });
		expect(stderr).toContain("export DERIBIT_WS_URL='ws://127.0.0.1:");
		expect(existsSync(seen?.ibkr.ca ?? "")).toBe(false);
	});

	it("venue-sims prints its usage for --help, and exits with 2 for an unknown argument", async () => {
		expect(await run("node", [command, "--help"])).toMatchObject({
			code: 0,
			stdout: expect.stringMatching(/^usage: venue-sims/),
		});
		const refused = await run("node", [command, "--port", "1"]);
		expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("'--port'") });
	});

	it("venue-sims ends when nobody reads its output any more, and leaves no file", async () => {
		const folder = mkdtempDisposableSync(join(tmpdir(), "it's "));
		onTestFinished(() => folder.remove());
		const options = { env: { TMPDIR: folder.path } };
		expect((await run("bash", ["-c", `node ${command} 2>&1 | true`], options)).code).toBe(0);
		expect(readdirSync(folder.path)).toEqual([]);
	});

	it("venue-sims prints export lines that a shell can read, even if the temporary folder has an apostrophe in its name", async () => {
		const folder = mkdtempDisposableSync(join(tmpdir(), "it's "));
		onTestFinished(() => folder.remove());
		const { stderr } = await run("node", [command], {
			env: { TMPDIR: folder.path },
			onOutput: (stdout, child) => stdout.includes("\n") && child.kill("SIGHUP"),
		});
		const exports = stderr.split("\n").filter((line) => line.startsWith("export "));
		const { stdout } = await run("sh", ["-c", `${exports.join("\n")}\necho "$IBKR_CA"`]);
		expect(stdout.startsWith(folder.path)).toBe(true);
	});
});

describe("serveVenues()", () => {
	it("serveVenues() reports the credentials that its options name", async () => {
		await using venues = await serveVenues({ deribit: { clientId: "me", clientSecret: "mine" } });
		expect(venues.addresses.credentials.deribit).toEqual({ clientId: "me", clientSecret: "mine" });
		expect(venues.environment["DERIBIT_CLIENT_ID"]).toBe("me");
	});
});
