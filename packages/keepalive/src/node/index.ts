export { installShutdown, type Shutdown, type ShutdownOptions } from "./shutdown.ts";
