/** Plays the runs that its parent asks for, one after the other, and ends with it. */
import { simulate } from "../simulate.ts";

process.on("message", (asked: { seed: number; days: number }) => {
	simulate(asked).then(
		(outcome) => process.send?.(outcome),
		(error: unknown) => {
			console.error(error);
			process.exit(1);
		},
	);
});
process.on("disconnect", () => process.exit(0));
