export type { Surroundings } from "./command-definition.ts";
export { main } from "./main.ts";
