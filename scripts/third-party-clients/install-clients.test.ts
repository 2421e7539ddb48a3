import { describe, expect, it } from "vitest";
import { installResult } from "./install-clients.ts";

const ended = (code: number | null, stderr: string) => installResult({ code, stdout: "", stderr });

describe("installResult for third-party clients", () => {
	it("installResult returns kind `skipped` when npm cannot reach the registry", () => {
		const stderr = "npm error code ECONNREFUSED\nnpm error syscall connect\nnpm error errno ECONNREFUSED\n";
		const reason = "the registry cannot be reached (ECONNREFUSED)";
		expect(ended(1, stderr)).toEqual({ kind: "skipped", reason });
	});

	it("installResult returns kind `skipped` when pip cannot reach the registry", () => {
		const stderr =
			"WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by " +
			"'NewConnectionError('<pip._vendor.urllib3.connection.HTTPConnection object at 0x7f>: Failed to establish a new " +
			"connection: [Errno 111] Connection refused')': /simple/ibind/\n" +
			"ERROR: Could not find a version that satisfies the requirement ibind==0.2.2 (from versions: none)\n";
		const reason = "the registry cannot be reached (NewConnectionError)";
		expect(ended(1, stderr)).toEqual({ kind: "skipped", reason });
	});

	it("installResult returns kind `skipped` when the install took too long and was killed", () => {
		expect(ended(null, "")).toEqual({ kind: "skipped", reason: "the registry did not deliver within 100 s" });
	});

	it("installResult returns kind `failed` when the registry answers that a version does not exist", () => {
		expect(ended(1, "npm error code ETARGET\nnpm error notarget No matching version found\n").kind).toBe("failed");
		const pip =
			"ERROR: Could not find a version that satisfies the requirement ibind==9 (from versions: 0.2.1, 0.2.2)\n";
		expect(ended(1, pip).kind).toBe("failed");
		const unknown = "ERROR: Could not find a version that satisfies the requirement ibindd (from versions: none)\n";
		expect(ended(1, unknown).kind).toBe("failed");
	});
});
