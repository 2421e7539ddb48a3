export type { Surroundings } from "./command.ts";
export { main } from "./main.ts";
