/** A player of runs that dies of the first one. */
process.on("message", () => process.exit(3));
