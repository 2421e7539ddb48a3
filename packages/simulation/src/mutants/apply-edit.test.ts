import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyEdit } from "./apply-edit.ts";

let packages: string;
beforeEach(() => {
	packages = mkdtempSync(join(tmpdir(), "mutant-"));
	mkdirSync(join(packages, "a/src"), { recursive: true });
});
afterEach(() => rmSync(packages, { recursive: true, force: true }));
const write = (file: string, text: string): void => writeFileSync(join(packages, "a/src", file), text);

describe("applyEdit", () => {
	it("applyEdit finds a statement by its syntax, regardless of variable names and layout", () => {
		write("wait.ts", "export function waitMs(base: number) {\n\treturn (\n\t\tbase * random()\n\t);\n}\n");
		const { path, text } = applyEdit(packages, { within: "a/src", pattern: "$BASE * random()", fix: "2 * $BASE" });
		expect(path).toBe(join(packages, "a/src/wait.ts"));
		expect(text).toContain("\t\t2 * base\n");
	});

	it("applyEdit copies the arguments that $$$ARGS matches into the replacement without changes", () => {
		write("call.ts", 'f(1, "two", three);\n');
		expect(applyEdit(packages, { within: "a", pattern: "f($$$ARGS)", fix: "g($$$ARGS)" }).text).toBe(
			'g(1, "two", three);\n',
		);
	});

	it("applyEdit edits only the match inside the function or method that the edit names, if there are several matches", () => {
		write("two.ts", "class A { #one() { return x(); }\n two() { return x(); } }\nconst three = () => x();\n");
		const edit = { within: "a", pattern: "x()", fix: "y()" };
		expect(() => applyEdit(packages, edit)).toThrow("matches 3 times in a (exactly once is needed): x()");
		expect(applyEdit(packages, { ...edit, inside: "#one" }).text).toContain("#one() { return y(); }");
		expect(applyEdit(packages, { ...edit, inside: "three" }).text).toContain("three = () => y();");
	});

	it("applyEdit does not search test files", () => {
		write("a.test.ts", "x();\n");
		expect(() => applyEdit(packages, { within: "a", pattern: "x()", fix: "y()" })).toThrow("matches 0 times");
	});
});
