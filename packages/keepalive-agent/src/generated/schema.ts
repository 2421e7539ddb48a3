// Generated from specs/keepalive-agent.yaml by "npm run generate". Change the spec, not this file.

export interface paths {
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the agent's own loops turn
         * @description Says nothing about a venue, so that an outage of a venue never restarts the agent.
         */
        get: operations["livez"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether every session is alive and armed
         * @description A session at a venue without protection (IBKR) has to be alive.
         */
        get: operations["readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics for Prometheus
         * @description In Prometheus's text format.
         */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every session
         * @description In the order of the configuration.
         */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the session in the configuration. */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        /**
         * One session
         * @description The same as in the list.
         */
        get: operations["getSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{name}/armed": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the session in the configuration. */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        /**
         * Whether an order may be sent
         * @description To be asked before each order. The answer is that of the keeper at this instant. An order that is sent later than the answer arrived may still be unprotected.
         */
        get: operations["getArmed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every strategy
         * @description In the order of the configuration.
         */
        get: operations["listStrategies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the strategy in the configuration. */
                name: components["parameters"]["StrategyName"];
            };
            cookie?: never;
        };
        /**
         * One strategy
         * @description The same as in the list.
         */
        get: operations["getStrategy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/{name}/pulse": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the strategy in the configuration. */
                name: components["parameters"]["StrategyName"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that the strategy lives
         * @description Its sessions are opened with the first pulse, and closed when none comes for toleranceMs, so that the venue cancels what it can. A pulse counts from its arrival. One that comes too late opens the sessions again.
         */
        post: operations["pulse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every change, as server-sent events
         * @description Each event has a record as its data and the type of the record as its name: `status`, `alert` or `agent`. A new stream begins with the current record of each session. With Last-Event-ID it begins with the events that were missed; if they are no longer kept, with an event `gap` and then as a new one.
         */
        get: operations["events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happened
         * @description Records in the order in which they were written, the latest first. Each page has up to `limit` of them; `next` continues with older ones.
         */
        get: operations["history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The states of each session over time
         * @description Made from the history, for the sessions of the configuration. Times without an agent are spans of their own. Neighbouring spans of one state are one span; if there would be more than 500 spans for a session, the longest stay as they are, and the shorter ones between two of them become one, in the worst of their states.
         */
        get: operations["timeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{name}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the session in the configuration. */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try to open a session now
         * @description For a session that waits or is blocked. A wait that the venue asked for is kept.
         */
        post: operations["retrySession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read the configuration again
         * @description Applies what can be changed while the sessions run, and names what needs a restart. No session is touched. When the file is wrong, nothing changes (422).
         */
        post: operations["reload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close one session, or all of them and end the agent
         * @description Answers when the venues have answered or the deadline has passed.
         */
        post: operations["stop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Liveness: {
            live: boolean;
            /** @description Time since the loop that keeps the sessions alive last turned, or since there was one. */
            loopAgeMs: number;
            /** @description Time since the loop that answers and reports last turned. */
            mainLoopAgeMs: number;
        };
        Readiness: {
            ready: boolean;
            notReady: {
                name: string;
                reason: string;
            }[];
        };
        /** @description Keys of the configuration, without their values. */
        Reloaded: {
            applied: string[];
            /** @description Changed since the start, and not in force. */
            needsRestart: string[];
        };
        SessionList: {
            /** @description When it was read. */
            at: number;
            sessions: components["schemas"]["Session"][];
        };
        Session: {
            name: string;
            /** @enum {unknown} */
            venue: "deribit" | "bybit" | "ibkr";
            /** @description Alive and armed; at a venue without protection, alive. */
            ready: boolean;
            /** @description The working orders are proved to be protected right now. */
            armed: boolean;
            /** @description Blocked, or stopped for good: a person has to act. */
            needsHuman: boolean;
            /** @description When the status began. */
            since: number;
            /** @description Only if it is not ready. */
            notReadyReason?: string;
            status: components["schemas"]["Status"];
            /** @description The number of this agent's latest term as the leader, where one of several machines runs the session. It grows from leader to leader. */
            epoch?: number;
            tally: components["schemas"]["Tally"];
            exposure?: components["schemas"]["Exposure"];
            warnings: string[];
            /** @description IBKR: gateway, login, brokerage and socket. */
            layers?: {
                [key: string]: unknown;
            };
            /** @description What the latest `keepalive drill` of each death has shown, except those that were inconclusive. Missing when there was none. */
            drills?: components["schemas"]["Drill"][];
            /** @description Why a new drill is due. Only with `drill.maxAgeDays`. */
            drillDueReason?: string;
            /** @description Where bots connect to, and how many connections each has, at most a second old. Missing when none are relayed. */
            relay?: {
                url: string;
                bots: {
                    name: string;
                    connections: number;
                    /** @enum {unknown} */
                    ordersOnDisconnect?: "cancel" | "disconnect" | "keep";
                    /** @description With cancel: after the end of a connection its orders are cancelled within this time. */
                    cancelWithinMs?: number;
                }[];
            };
        };
        Drill: {
            /**
             * @description How the session died.
             * @enum {unknown}
             */
            kill: "close" | "kill" | "freeze" | "gate";
            /** @enum {unknown} */
            verdict: "proved" | "not-fired" | "fired-late" | "wrong-reason" | "filled" | "inconclusive";
            /** @description When the session was killed. */
            at: number;
            /** @description Key and settings are those that were proved. */
            isCurrent: boolean;
        };
        Armed: {
            /** @constant */
            armed: true;
            /** @description Milliseconds since the venue last confirmed the protection. */
            verifiedAgeMs?: number;
            /** @description Milliseconds since the last acknowledged beat was sent: a sign of life, which proves no protection. */
            lastBeatAgeMs?: number;
            /** @description Where one of several machines runs the session: the number of its leader, for the labels of orders. */
            epoch?: number;
        };
        StrategyList: {
            strategies: components["schemas"]["Strategy"][];
        };
        Strategy: {
            name: string;
            sessions: {
                name: string;
                /** @enum {unknown} */
                state: "opening" | "alive" | "late" | "lost" | "waiting" | "blocked" | "leaving" | "gated" | "standby" | "stopped";
                /** @description From the last pulse until the venue has cancelled, at the latest. Missing while it is not armed. */
                cancelWithinMs?: number;
            }[];
            /**
             * @description How it pulses.
             * @enum {unknown}
             */
            pulse: "http" | "file" | "process";
            toleranceMs: number;
            /** @description The last pulse is younger than toleranceMs. */
            pulsing: boolean;
            /** @description Missing before the first pulse that this agent has seen. */
            lastPulseAgeMs?: number;
        };
        /** @description How long working orders stay in the book after a death, in the worst case. Missing at a venue that cancels none. */
        Exposure: {
            processDeathMs: number;
            networkDeathMs: number;
        };
        Tally: {
            beats: number;
            lastBeatAt?: number;
            losses: number;
            recoveries: number;
        };
        Status: components["schemas"]["Opening"] | components["schemas"]["Alive"] | components["schemas"]["Late"] | components["schemas"]["Lost"] | components["schemas"]["Waiting"] | components["schemas"]["Blocked"] | components["schemas"]["Leaving"] | components["schemas"]["Gated"] | components["schemas"]["Standby"] | components["schemas"]["StoppedAsAsked"] | components["schemas"]["StoppedForGood"];
        Opening: {
            /** @constant */
            state: "opening";
            attempt: number;
        };
        Alive: {
            /** @constant */
            state: "alive";
            protection: components["schemas"]["Protection"];
            ttlMs: number;
            hangMs?: number;
            ungated?: string;
        };
        Late: {
            /** @constant */
            state: "late";
            protection: components["schemas"]["Protection"];
            lostAt: number;
            cause: components["schemas"]["Cause"];
        };
        Lost: {
            /** @constant */
            state: "lost";
            protection: components["schemas"]["Protection"];
            cause: components["schemas"]["Cause"];
        };
        Waiting: {
            /** @constant */
            state: "waiting";
            /** @enum {unknown} */
            why: "backoff" | "venue" | "restart-limit";
            until: number;
            cause: components["schemas"]["Cause"];
        };
        Blocked: {
            /** @constant */
            state: "blocked";
            /** @description What a person has to do. */
            todo: string;
            nextTryAt: number;
            cause: components["schemas"]["Cause"];
        };
        Leaving: {
            /** @constant */
            state: "leaving";
            cause: components["schemas"]["Cause"];
        };
        Gated: {
            /** @constant */
            state: "gated";
            cause: components["schemas"]["Cause"];
            closed: components["schemas"]["Closed"];
        };
        /** @description Another process runs the session. Without a leader, nobody knows whether any does. */
        Standby: {
            /** @constant */
            state: "standby";
            leader?: components["schemas"]["Leader"];
            cause: components["schemas"]["Cause"];
        };
        /** @description The process that runs a session, of several that could. */
        Leader: {
            /** @description Unique for each start of a process. */
            holder: string;
            /** @description Grows from leader to leader. */
            epoch: number;
            since: number;
        };
        StoppedAsAsked: {
            /** @constant */
            state: "stopped";
            /** @constant */
            why: "asked";
            closed: components["schemas"]["Closed"];
        };
        StoppedForGood: {
            /** @constant */
            state: "stopped";
            /** @constant */
            why: "fatal";
            cause: components["schemas"]["Cause"];
            closed: components["schemas"]["Closed"];
        };
        Protection: {
            /** @constant */
            state: "armed";
            scope: string;
            exposureMs: number;
            verifiedAt: number;
        } | {
            /** @enum {unknown} */
            state: "unarmed" | "unknown" | "unsupported";
            reason: string;
        };
        Cause: {
            name: string;
            message: string;
            /**
             * @description Only of a `lost` status: what ended the session. The process or machine stalled, no beat was acknowledged in time, the connection closed, the venue said that it is gone, or the thread that kept it alive died.
             * @enum {unknown}
             */
            kind?: "stall" | "silence" | "closed" | "venue" | "worker" | "leader";
            /**
             * @description The venue had planned it: a nightly reset, or announced maintenance.
             * @constant
             */
            isExpected?: true;
        };
        Closed: {
            /** @enum {unknown} */
            orders: "kept" | "refused" | "unknown";
            detail: string;
        } | {
            /** @constant */
            orders: "cancelled";
            withinMs: number;
            detail: string;
        };
        /** @enum {unknown} */
        RecordType: "status" | "alert" | "agent" | "relay";
        StatusRecord: {
            /** @constant */
            type: "status";
            /** @description When the status began. */
            at: number;
            session: string;
            status: components["schemas"]["Status"];
            /** @description As in a session. */
            epoch?: number;
            tally: components["schemas"]["Tally"];
        };
        AlertRecord: {
            /** @constant */
            type: "alert";
            /** @description When it began or ended. */
            at: number;
            /** @description The same for the beginning and the end of one alert. */
            alertId: string;
            /** @enum {unknown} */
            kind: "not-ready" | "needs-human" | "unarmed" | "exposure" | "loss" | "expected-loss" | "leader" | "drill" | "agent";
            /** @description Missing when the alert is about the agent. */
            session?: string;
            /** @enum {unknown} */
            state: "raised" | "resolved";
            /** @enum {unknown} */
            severity: "page" | "warn" | "info";
            message: string;
            /** @description What a person has to do, if anything. */
            todo?: string;
        };
        AgentEventRecord: {
            /** @constant */
            type: "agent";
            at: number;
            /** @enum {unknown} */
            event: "started" | "found-dead" | "reloaded" | "stopping" | "stopped" | "worker-died" | "degraded" | "recovered";
            detail: string;
            /**
             * @description What is `degraded` until the same part has `recovered`. Missing for what happened once.
             * @enum {unknown}
             */
            part?: "history" | "state";
        };
        /** @description What befell a bot that uses the relay, or what the relay did about its orders. */
        RelayRecord: {
            /** @constant */
            type: "relay";
            at: number;
            session: string;
            /** @description Missing for a client that has not logged in. */
            bot?: string;
            /** @enum {unknown} */
            event: "connected" | "logged-out" | "lost" | "cut-off" | "orders-cancelled" | "orders-kept" | "connection-ended";
            detail: string;
        };
        AgentRecord: components["schemas"]["StatusRecord"] | components["schemas"]["AlertRecord"] | components["schemas"]["AgentEventRecord"] | components["schemas"]["RelayRecord"];
        /** @description How the history is kept. A store that fails never stops a beat; what could not be written is counted. */
        HistoryStore: {
            /** @enum {unknown} */
            kind: "sqlite" | "postgres";
            /** @constant */
            state: "ok";
        } | {
            /** @enum {unknown} */
            kind: "sqlite" | "postgres";
            /** @constant */
            state: "degraded";
            reason: string;
            lostRecords: number;
        } | {
            /** @constant */
            kind: "none";
        };
        HistoryPage: {
            records: components["schemas"]["AgentRecord"][];
            /** @description Missing when there are no older records. */
            next?: string;
            store: components["schemas"]["HistoryStore"];
        };
        Timeline: {
            from: number;
            to: number;
            sessions: components["schemas"]["TimelineSession"][];
            /** @description Times for which records are missing, because the store could not take them. What a session did then is not known. */
            gaps: {
                from: number;
                to: number;
                lostRecords: number;
            }[];
        };
        TimelineSession: {
            name: string;
            /** @enum {unknown} */
            venue: "deribit" | "bybit" | "ibkr";
            /** @description Without gaps, from the beginning to the end of the timeline. */
            spans: {
                from: number;
                to: number;
                /**
                 * @description `alive` is alive without protection (IBKR) or with protection that is not armed; `stopped` includes a session that is closing.
                 * @enum {unknown}
                 */
                state: "armed" | "alive" | "late" | "opening" | "waiting" | "lost" | "blocked" | "gated" | "standby" | "stopped" | "no-agent";
                reason?: string;
            }[];
            /** @description For how long the session was in each state. Exact, also where spans are merged. */
            stateMs: {
                [key: string]: number;
            };
            /** @description How many losses there were, as the keeper counts them. */
            lossCount: number;
            /** @description The latest losses, up to 500. Of losses whose records are missing, only the count is known. */
            losses: {
                at: number;
                /** @description When the session was alive again. Missing if it was not, in this time. */
                endedAt?: number;
                cause: string;
                expected: boolean;
                /** @description What became of the orders, if it is known. */
                orders?: string;
            }[];
            /** @description Where the exposure of the protection changed, up to 500 times as for spans. Null while it was not armed. */
            exposure: {
                at: number;
                exposureMs: number | null;
            }[];
        };
        Retried: {
            /** @description Milliseconds until the attempt. */
            waitMs: number;
            /** @description Why nothing was to be tried, in words, such as that the session is armed. Missing when it is tried. */
            notTried?: string;
        };
        StopRequest: {
            /**
             * @description What should become of the working orders.
             * @enum {unknown}
             */
            orders: "keep" | "cancel";
            /** @description Only this session. Left out: all of them, and the agent ends. */
            session?: string;
        };
        Stopped: {
            closed: {
                [key: string]: components["schemas"]["Closed"];
            };
        };
        /** @description RFC 9457 problem details. */
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
        };
    };
    responses: {
        /** @description Why the request was refused. */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Not Found",
                 *       "status": 404,
                 *       "detail": "there is no such session (there are hedge, maker)."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @description The name of the session in the configuration. */
        Name: string;
        /** @description The name of the strategy in the configuration. */
        StrategyName: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    livez: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The loops turn. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "live": true,
                     *       "loopAgeMs": 32,
                     *       "mainLoopAgeMs": 120
                     *     }
                     */
                    "application/json": components["schemas"]["Liveness"];
                };
            };
            /** @description A loop has not turned for five seconds. While the agent starts, all requests are answered with 503 and problem details. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "live": false,
                     *       "loopAgeMs": 7200,
                     *       "mainLoopAgeMs": 120
                     *     }
                     */
                    "application/json": components["schemas"]["Liveness"];
                };
            };
        };
    };
    readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every session is ready. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ready": true,
                     *       "notReady": []
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description At least one session is not. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ready": false,
                     *       "notReady": [
                     *         {
                     *           "name": "hedge",
                     *           "reason": "opening, attempt 1"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The metrics. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example keepalive_session_armed{session="hedge",venue="deribit"} 1 */
                    "text/plain": string;
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sessions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "at": 1790000000000,
                     *       "sessions": []
                     *     }
                     */
                    "application/json": components["schemas"]["SessionList"];
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the session in the configuration. */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "hedge",
                     *       "venue": "deribit",
                     *       "ready": true,
                     *       "armed": true,
                     *       "needsHuman": false,
                     *       "since": 1790000000000,
                     *       "status": {
                     *         "state": "alive",
                     *         "protection": {
                     *           "state": "armed",
                     *           "scope": "this connection",
                     *           "exposureMs": 69000,
                     *           "verifiedAt": 1790000000000
                     *         },
                     *         "ttlMs": 40000
                     *       },
                     *       "tally": {
                     *         "beats": 12,
                     *         "lastBeatAt": 1790000000000,
                     *         "losses": 0,
                     *         "recoveries": 0
                     *       },
                     *       "exposure": {
                     *         "processDeathMs": 0,
                     *         "networkDeathMs": 69000
                     *       },
                     *       "warnings": []
                     *     }
                     */
                    "application/json": components["schemas"]["Session"];
                };
            };
            404: components["responses"]["Problem"];
        };
    };
    getArmed: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the session in the configuration. */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The working orders of the session are proved to be protected. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "armed": true,
                     *       "verifiedAgeMs": 34000,
                     *       "lastBeatAgeMs": 800
                     *     }
                     */
                    "application/json": components["schemas"]["Armed"];
                };
            };
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
        };
    };
    listStrategies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The strategies. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "strategies": []
                     *     }
                     */
                    "application/json": components["schemas"]["StrategyList"];
                };
            };
        };
    };
    getStrategy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the strategy in the configuration. */
                name: components["parameters"]["StrategyName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The strategy. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "market-maker",
                     *       "sessions": [
                     *         {
                     *           "name": "maker",
                     *           "state": "alive",
                     *           "cancelWithinMs": 45000
                     *         }
                     *       ],
                     *       "pulse": "http",
                     *       "toleranceMs": 5000,
                     *       "pulsing": true,
                     *       "lastPulseAgeMs": 740
                     *     }
                     */
                    "application/json": components["schemas"]["Strategy"];
                };
            };
            404: components["responses"]["Problem"];
        };
    };
    pulse: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the strategy in the configuration. */
                name: components["parameters"]["StrategyName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description The strategy, after the pulse. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "market-maker",
                     *       "sessions": [
                     *         {
                     *           "name": "maker",
                     *           "state": "opening"
                     *         }
                     *       ],
                     *       "pulse": "http",
                     *       "toleranceMs": 5000,
                     *       "pulsing": true,
                     *       "lastPulseAgeMs": 0
                     *     }
                     */
                    "application/json": components["schemas"]["Strategy"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
    events: {
        parameters: {
            query?: never;
            header?: {
                /** @description The id of the last event that was received. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. It does not end by itself. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id: 1790000000000-1
                     *     event: status
                     *     data: {"type":"status"}
                     */
                    "text/event-stream": string;
                };
            };
            503: components["responses"]["Problem"];
        };
    };
    history: {
        parameters: {
            query?: {
                /** @description Not before this instant. Default 24 hours ago. */
                from?: number;
                /** @description Before this instant. Default now. */
                to?: number;
                /** @description Only of this session. */
                session?: string;
                /** @description Only records of this type. */
                type?: components["schemas"]["RecordType"];
                /** @description At most so many. Default 200. */
                limit?: number;
                /** @description The `next` of the page before. */
                before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of records. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "records": [],
                     *       "store": {
                     *         "kind": "sqlite",
                     *         "state": "ok"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["HistoryPage"];
                };
            };
            400: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    timeline: {
        parameters: {
            query?: {
                /** @description Default 24 hours ago. */
                from?: number;
                /** @description Default now. */
                to?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The timeline. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "from": 1790000000000,
                     *       "to": 1790086400000,
                     *       "sessions": [],
                     *       "gaps": []
                     *     }
                     */
                    "application/json": components["schemas"]["Timeline"];
                };
            };
            400: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    retrySession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the session in the configuration. */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description When it is tried. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "waitMs": 0
                     *     }
                     */
                    "application/json": components["schemas"]["Retried"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    reload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description What has changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "applied": [
                     *         "log.level"
                     *       ],
                     *       "needsRestart": [
                     *         "sessions.hedge.intervalSeconds"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Reloaded"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
        };
    };
    stop: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "orders": "keep",
                 *       "session": "hedge"
                 *     }
                 */
                "application/json": components["schemas"]["StopRequest"];
            };
        };
        responses: {
            /** @description What becomes of the orders. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "closed": {
                     *         "hedge": {
                     *           "orders": "kept",
                     *           "detail": "logged out"
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Stopped"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
}
