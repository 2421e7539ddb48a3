// Generated from specs/ibkr-session.yaml by "npm run generate". Change the spec, not this file.

export interface paths {
    "/iserver/auth/ssodh/init": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open The Brokerage Session.
         * @description Opens the brokerage session within a valid Web API session. A reply that accepts it does not mean that it is ready: poll the status. A refusal has status 200 as well: `authenticated` is false, and so is `passed` where it is sent. `competing` is false in a refusal too, so do not decide by it. A refusal without a reason has been seen with nobody else logged in.
         */
        post: operations["iserverAuthSsodhInitPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/iserver/auth/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Status Of The Brokerage Session.
         * @description Returns the state of the brokerage session. It is usable when it is authenticated, connected, established (where that is sent) and not competing. No single flag is enough. The recordings of 2026 ask with GET: when POST is answered with 400 or 404, use GET.
         */
        post: operations["iserverAuthStatusPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/iserver/reauthenticate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Log In To The Brokerage Session Again.
         * @deprecated
         * @description Opens the brokerage session again. `/iserver/auth/ssodh/init` replaces it, and newer servers do not have it. `triggered` means that the request was accepted, not that the session is open.
         */
        get: operations["iserverReauthenticateGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Logout Of The Current Session.
         * @description Ends the session. At a gateway a person has to log in again afterwards. No order is cancelled. The reply has no Content-Type. Discard the cookies after it.
         */
        post: operations["logoutPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sso/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Validate The Login.
         * @description Returns whether the login at a gateway or with OAuth 2.0 is valid. Not available with OAuth 1.0a. `RESULT` can be false in a reply with status 200, and has been so while every tickle reported a living session.
         */
        get: operations["ssoValidateGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tickle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Server Ping.
         * @description Prevents the idle timeout of the session and returns its state. Call it about once a minute, and at least every five minutes. It does not raise `ssoExpires`. For a lost session the reply can have status 200 and an `error`. A single odd reply does not mean that the session is lost: call it again after a second. GET works as well.
         */
        post: operations["ticklePost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/iserver/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Accounts Of The Brokerage Session.
         * @description Lists the accounts that can be traded. Call it once after the brokerage session opened: some calls are refused before. An empty object means that the session is not ready, or that another session holds the user.
         */
        get: operations["iserverAccountsGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/request_token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Request Token Of OAuth 1.0a.
         * @description First step of a third party. The request is signed with the RSA signature key, `oauth_callback` is `oob`, and the body is empty. The token is part of the URL at which the user gives consent.
         */
        post: operations["oauthRequestTokenPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/access_token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Access Token Of OAuth 1.0a.
         * @description Third step of a third party: turns the request token and the verifier of the user's consent into an access token that lasts until it is revoked. The secret is base64 of an RSA ciphertext.
         */
        post: operations["oauthAccessTokenPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/live_session_token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Live Session Token Of OAuth 1.0a.
         * @description Answers a Diffie-Hellman challenge, from which both sides compute the live session token that signs every later call for about a day. The token itself never travels; the signature in the reply proves that both have the same.
         */
        post: operations["oauthLiveSessionTokenPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth2/api/v1/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Access Token Of OAuth 2.0.
         * @description Turns a JWT signed by the client into a bearer token that may open a Web API session.
         */
        post: operations["oauth2ApiV1TokenPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/gw/api/v1/sso-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Web API Session Of OAuth 2.0.
         * @description Opens a Web API session for the user and the public address named in a signed JWT. The session is bound to that address. The token of the reply is the bearer of every later call.
         */
        post: operations["gwApiV1SsoSessionsPost"];
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
        BrokerageSessionInitRequest: {
            /** @description Publish the session token together with the request. False fails with 500. */
            publish?: boolean;
            /** @description True ends another brokerage session of the same user. */
            compete?: boolean;
        };
        /** @description The state of the brokerage session. */
        BrokerageSessionStatus: {
            /** @description The brokerage session is authenticated. */
            authenticated?: boolean | null;
            /** @description Account data is loaded. Older servers do not send it; treat a missing value as true. */
            established?: boolean | null;
            /** @description Another brokerage session of this user exists. */
            competing?: boolean | null;
            /** @description The backend is connected. */
            connected?: boolean | null;
            /** @description Empty if there is no problem. */
            message?: string | null;
            /** @description Hardware address; null when logged out. */
            MAC?: string | null;
            serverInfo?: {
                /** @description The backend's name. */
                serverName?: string | null;
                /** @description The backend's build. */
                serverVersion?: string | null;
                /** @description Documented here in older documents, but sent one level up. */
                fail?: string | null;
            } | null;
            /** @description Eight hexadecimal digits, a bar, the hardware address. */
            hardware_info?: string | null;
            /** @description The reason for a bad status; empty otherwise. */
            fail?: string | null;
            /** @description Whether the request was accepted. Only in replies to init, for some keys. */
            passed?: boolean | null;
            /** @description A list of texts, in the model of one client. Not seen. */
            prompts?: components["schemas"]["Undocumented"];
        };
        /** @description Details of the login. */
        SsoValidateResponse: {
            /**
             * Format: int64
             * @description The user's number.
             */
            USER_ID?: number | null;
            /** @description The user name. */
            USER_NAME?: string | null;
            /** @description Whether the login is valid. */
            RESULT?: boolean | null;
            /**
             * Format: int64
             * @description Time of the login, epoch milliseconds.
             */
            AUTH_TIME?: number | null;
            /** @description Whether a second factor is in use. */
            SF_ENABLED?: boolean | null;
            /** @description Whether the user has a trial account. */
            IS_FREE_TRIAL?: boolean | null;
            /** @description The name used to log in. */
            CREDENTIAL?: string | null;
            /** @description The address the login came from. */
            IP?: string | null;
            /**
             * Format: int64
             * @description Milliseconds left, or epoch milliseconds; values above about 10^11 are epoch milliseconds.
             */
            EXPIRES?: number | null;
            /** @description Whether the mobile app can confirm a login. */
            QUALIFIED_FOR_MOBILE_AUTH?: boolean | null;
            /** @description The page shown after the login. */
            LANDING_APP?: string | null;
            /** @description Whether this is the user's main account. */
            IS_MASTER?: boolean | null;
            /**
             * Format: int64
             * @description Last request, epoch milliseconds.
             */
            lastAccessed?: number | null;
            /** @description 1 live, 2 paper. Documented but not observed. */
            loginType?: number | null;
            /** @description 1 live, 2 paper. Sent in practice. */
            LOGIN_TYPE?: number | null;
            /** @description The user name of the paper account. */
            PAPER_USER_NAME?: string | null;
            features?: {
                /** @description The environment. Documented but not observed. */
                envs?: string | null;
                /** @description The environment. Sent in practice. */
                env?: string | null;
                /** @description Watch lists. */
                wlms?: boolean | null;
                /** @description Market data without delay. */
                realtime?: boolean | null;
                /** @description Bonds. */
                bond?: boolean | null;
                /** @description Option chains. */
                optionChains?: boolean | null;
                /** @description The calendar. */
                calendar?: boolean | null;
                /** @description Mutual funds. */
                newMf?: boolean | null;
                alpha?: components["schemas"]["Undocumented"];
                ibamWidget?: components["schemas"]["Undocumented"];
                debugMenu?: components["schemas"]["Undocumented"];
                record?: components["schemas"]["Undocumented"];
            } | null;
            /** @description The region that serves the user, such as NJ or EU. */
            region?: string | null;
            SFT?: components["schemas"]["Undocumented"];
            /** @description Undocumented, a boolean. */
            IS_PENDING_APPLICANT?: components["schemas"]["Undocumented"];
            /** @description Undocumented, a string. */
            HARDWARE_INFO?: components["schemas"]["Undocumented"];
            /** @description Undocumented, identifies the login. */
            UNIQUE_LOGIN_ID?: components["schemas"]["Undocumented"];
            /** @description Undocumented, a string. */
            SF_CONFIG?: components["schemas"]["Undocumented"];
            /** @description Undocumented, a number. */
            CREDENTIAL_TYPE?: components["schemas"]["Undocumented"];
            /** @description Undocumented, a boolean. */
            ANOMALOUS_LOGIN?: components["schemas"]["Undocumented"];
            /** @description Undocumented, a string and a secret. */
            TOKEN?: components["schemas"]["Undocumented"];
            /** @description Undocumented, a number. */
            took?: components["schemas"]["Undocumented"];
            isGw?: components["schemas"]["Undocumented"];
        };
        /** @description On the wire and in no document of the venue. Of any type, so that no reply is refused for it. */
        Undocumented: string | number | boolean | Record<string, unknown> | unknown[] | null;
        /** @description A reply with an `error` and no `iserver` means that there is no session. A reply with neither proves nothing. */
        TickleResponse: components["schemas"]["SuccessfulTickleResponse"] | components["schemas"]["FailedTickleResponse"];
        SuccessfulTickleResponse: {
            /** @description The session id for the WebSocket, a secret. It can change. */
            session?: string | null;
            /**
             * Format: int64
             * @description Milliseconds left. Counts down to about zero and renews itself; absent over OAuth 1.0a.
             */
            ssoExpires?: number | null;
            /** @description Spelled like this. */
            collission?: boolean | null;
            /**
             * Format: int64
             * @description The user's number.
             */
            userId?: number | null;
            /** @description The connection to historical data. `no bridge` here is harmless. */
            hmds?: {
                /** @description Why there is no connection. */
                error?: string | null;
                /** @description Never observed. The venue's documents call it a list, with an object in it. */
                authStatus?: Record<string, unknown> | unknown[] | null;
            } | null;
            iserver?: {
                authStatus?: components["schemas"]["BrokerageSessionStatus"];
                /** @description Only in old replies. */
                tickle?: boolean | null;
            } | null;
        };
        FailedTickleResponse: {
            /** @description The reason, such as `no session`. */
            error: string;
        };
        IserverAccounts: {
            /** @description The account numbers. */
            accounts?: string[] | null;
            /** @description The account in use. */
            selectedAccount?: string | null;
            /** @description Properties by account. */
            acctProps?: Record<string, unknown> | null;
            /** @description Names by account. */
            aliases?: Record<string, unknown> | null;
            /** @description Enabled features. */
            allowFeatures?: Record<string, unknown> | null;
            /** @description Bar sizes by instrument type. */
            chartPeriods?: Record<string, unknown> | null;
            /** @description Account groups. */
            groups?: string[] | null;
            /** @description Account profiles. */
            profiles?: string[] | null;
            serverInfo?: {
                /** @description The backend's name. */
                serverName?: string | null;
                /** @description The backend's build. */
                serverVersion?: string | null;
            } | null;
            /** @description A secret. */
            sessionId?: string | null;
            /** @description Whether this is a trial. */
            isFT?: boolean | null;
            /** @description Whether the accounts are for paper trading. */
            isPaper?: boolean | null;
        };
        ErrorOnlyResponse: {
            /** @description What went wrong. */
            error?: string | null;
        };
        ErrorResponse: {
            /** @description What went wrong. */
            error?: string | null;
            /** @description The HTTP status again; documented as a string, sent as a number. */
            statusCode?: string | number;
        };
        ProblemDetail: {
            /** @description The kind of problem. */
            type?: string | null;
            /** @description The problem in a few words, such as `Access token expired`. */
            title?: string | null;
            /** @description The HTTP status again. */
            status: number;
            /** @description Details of the problem. */
            detail?: string | null;
            /** @description Which arguments are wrong. */
            invalidArguments?: Record<string, unknown>[] | null;
        };
        OAuthRequestToken: {
            /** @description The request token. */
            oauth_token: string;
        };
        OAuthAccessToken: {
            /** @description Whether the token is for a paper account. */
            is_paper?: boolean | null;
            /** @description The access token. */
            oauth_token: string;
            /** @description Base64 of the secret, encrypted for the consumer. */
            oauth_token_secret: string;
        };
        OAuthLiveSessionToken: {
            /** @description The venue's number B, hexadecimal. */
            diffie_hellman_response: string;
            /** @description Hexadecimal HMAC of the consumer key under the token. */
            live_session_token_signature: string;
            /**
             * Format: int64
             * @description Epoch milliseconds: the end of the token by its name, the instant of its making by another reading.
             */
            live_session_token_expiration: number;
        };
        OAuth2TokenRequest: {
            /**
             * @description How the client authenticates.
             * @enum {string}
             */
            grant_type: "client_credentials";
            /**
             * @description The scope of the token.
             * @enum {string}
             */
            scope: "sso-sessions.write";
            /**
             * @description The type of the assertion.
             * @enum {string}
             */
            client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            /** @description The signed JWT, RS256. */
            client_assertion: string;
        };
        OAuth2Token: {
            /** @description The bearer token. */
            access_token: string;
            /** @description Always `Bearer`. */
            token_type?: string | null;
            /** @description The scope of the token. */
            scope?: string | null;
            /** @description Seconds left. */
            expires_in?: number | null;
        };
        SsoSession: {
            /** @description Whether the session is open. */
            active?: boolean | null;
            /** @description The bearer token of the session. */
            access_token: string;
            /** @description Always `Bearer`. */
            token_type?: string | null;
        };
        /**
         * @description The first frame of a client that cannot set a cookie.
         * @example {
         *       "session": "00000000000000000000000000000000"
         *     }
         */
        SocketSession: {
            /** @description The `session` of the latest tickle. */
            session: string;
        };
        /**
         * @description Plain text, at least once a minute. Does not replace tickle.
         * @example tic
         * @enum {string}
         */
        SocketTic: "tic";
        /**
         * @description Sent once after the session was attached, with the user name, then every ten seconds with only `hb`.
         * @example {
         *       "topic": "system",
         *       "hb": 1795000000000
         *     }
         */
        SocketSystem: {
            /** @enum {string} */
            topic: "system";
            /** @description The user name. */
            success?: string | null;
            /** @description Whether this is a trial. */
            isFT?: boolean | null;
            /** @description Whether this is a paper account. */
            isPaper?: boolean | null;
            /**
             * Format: int64
             * @description Heartbeat, epoch milliseconds.
             */
            hb?: number | null;
        };
        /**
         * @description The user's accounts and permissions, sent soon after the first frame. Only with a brokerage session.
         * @example {
         *       "topic": "act",
         *       "args": {
         *         "accounts": [
         *           "DU0000001"
         *         ],
         *         "selectedAccount": "DU0000001",
         *         "isFT": false,
         *         "isPaper": true
         *       }
         *     }
         */
        SocketAct: {
            /** @enum {string} */
            topic: "act";
            args: {
                /** @description Account numbers. */
                accounts?: string[] | null;
                /** @description Properties by account. */
                acctProps?: Record<string, unknown> | null;
                /** @description Names by account. */
                aliases?: Record<string, unknown> | null;
                /** @description Enabled features. */
                allowFeatures?: Record<string, unknown> | null;
                /** @description Bar sizes by instrument type. */
                chartPeriods?: Record<string, unknown> | null;
                /** @description Account groups. */
                groups?: string[] | null;
                /** @description Account profiles. */
                profiles?: string[] | null;
                /** @description The account in use. */
                selectedAccount?: string | null;
                serverInfo?: {
                    /** @description The backend's name. */
                    serverName?: string | null;
                    /** @description The backend's build. */
                    serverVersion?: string | null;
                } | null;
                /** @description A secret. */
                sessionId?: string | null;
                /** @description Whether this is a trial. */
                isFT?: boolean | null;
                /** @description Whether this is a paper account. */
                isPaper?: boolean | null;
            };
        };
        /**
         * @description A change of the brokerage session. Members can be missing, so merge them into the last known state.
         * @example {
         *       "topic": "sts",
         *       "args": {
         *         "authenticated": false
         *       }
         *     }
         */
        SocketSts: {
            /** @enum {string} */
            topic: "sts";
            args: {
                /** @description As in the status. */
                connected?: boolean | null;
                /** @description As in the status. */
                authenticated?: boolean | null;
                /** @description As in the status. */
                established?: boolean | null;
                /** @description As in the status. */
                competing?: boolean | null;
                /** @description As in the status. */
                message?: string | null;
                /** @description As in the status. */
                fail?: string | null;
                /** @description The backend's name. */
                serverName?: string | null;
                /** @description The backend's build. */
                serverVersion?: string | null;
                /** @description The user name. */
                username?: string | null;
            };
        };
        /**
         * @description The reply to `tic`, in four identical copies.
         * @example {
         *       "topic": "tic",
         *       "alive": true,
         *       "id": "00000000000000000000000000000000",
         *       "lastAccessed": 1795000000000
         *     }
         */
        SocketTicReply: {
            /** @enum {string} */
            topic: "tic";
            /** @description Whether the session is alive. */
            alive?: boolean | null;
            /** @description The session id, a secret. */
            id?: string | null;
            /**
             * Format: int64
             * @description Last request, epoch milliseconds.
             */
            lastAccessed?: number | null;
        };
    };
    responses: {
        /** @description Some gateways redirect to the login page instead of replying 401. Do not follow it, because it ends as 200 with HTML. */
        LoginPage: {
            headers: {
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The edge refuses the address, the host, or a request without User-Agent; the body is HTML. */
        EdgeRefused: {
            headers: {
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The session has ended. Seen after a logout. */
        Gone: {
            headers: {
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The edge refuses a POST without Content-Length. */
        LengthRequired: {
            headers: {
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The rate limit was exceeded. The source address is blocked for 10 to 15 minutes, for every call and every session. */
        TooMany: {
            headers: {
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description access denied */
        AccessDenied: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /** @example Access Denied */
                "text/plain; charset=utf-8": string | null;
            };
        };
        /** @description The server failed, for example during a restart or because `publish` was false. */
        ServerFault: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "failed to open a brokerage session"
                 *     }
                 */
                "application/json": components["schemas"]["ErrorOnlyResponse"];
            };
        };
        /** @description A call took longer than ten seconds in the backend, or maintenance is in progress. The body can be empty. */
        Unavailable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "service unavailable",
                 *       "statusCode": 503
                 *     }
                 */
                "application/json; charset=utf-8": components["schemas"]["ErrorResponse"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    iserverAuthSsodhInitPost: {
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
                 *       "publish": true,
                 *       "compete": false
                 *     }
                 */
                "application/json": components["schemas"]["BrokerageSessionInitRequest"];
            };
        };
        responses: {
            /** @description The state of the brokerage session after the request. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BrokerageSessionStatus"];
                };
            };
            302: components["responses"]["LoginPage"];
            401: components["responses"]["AccessDenied"];
            403: components["responses"]["EdgeRefused"];
            410: components["responses"]["Gone"];
            411: components["responses"]["LengthRequired"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["ServerFault"];
            503: components["responses"]["Unavailable"];
        };
    };
    iserverAuthStatusPost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state of the brokerage session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BrokerageSessionStatus"];
                };
            };
            302: components["responses"]["LoginPage"];
            401: components["responses"]["AccessDenied"];
            403: components["responses"]["EdgeRefused"];
            410: components["responses"]["Gone"];
            411: components["responses"]["LengthRequired"];
            429: components["responses"]["TooMany"];
        };
    };
    iserverReauthenticateGet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request was accepted. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "triggered"
                     *     }
                     */
                    "application/json": {
                        /** @description The word `triggered`. */
                        message?: string | null;
                    };
                };
            };
            302: components["responses"]["LoginPage"];
            403: components["responses"]["EdgeRefused"];
            410: components["responses"]["Gone"];
            429: components["responses"]["TooMany"];
        };
    };
    logoutPost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether the session was ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": true
                     *     }
                     */
                    "application/json": {
                        /** @description True when the session was ended. */
                        status?: boolean | null;
                    };
                };
            };
            302: components["responses"]["LoginPage"];
            401: components["responses"]["AccessDenied"];
            403: components["responses"]["EdgeRefused"];
            410: components["responses"]["Gone"];
            411: components["responses"]["LengthRequired"];
            429: components["responses"]["TooMany"];
        };
    };
    ssoValidateGet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Details of the login. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "USER_ID": 100000001,
                     *       "USER_NAME": "user1234",
                     *       "RESULT": true,
                     *       "AUTH_TIME": 1795000000000,
                     *       "SF_ENABLED": false,
                     *       "IS_FREE_TRIAL": false,
                     *       "CREDENTIAL": "user1234",
                     *       "IP": "192.0.2.1",
                     *       "EXPIRES": 415890,
                     *       "QUALIFIED_FOR_MOBILE_AUTH": null,
                     *       "LANDING_APP": "UNIVERSAL",
                     *       "IS_MASTER": false,
                     *       "lastAccessed": 1795000060000,
                     *       "LOGIN_TYPE": 2,
                     *       "PAPER_USER_NAME": "user1234",
                     *       "features": {
                     *         "env": "PROD",
                     *         "wlms": true,
                     *         "realtime": true,
                     *         "bond": true,
                     *         "optionChains": true,
                     *         "calendar": true,
                     *         "newMf": true
                     *       },
                     *       "region": "NJ"
                     *     }
                     */
                    "application/json": components["schemas"]["SsoValidateResponse"];
                };
            };
            302: components["responses"]["LoginPage"];
            401: components["responses"]["AccessDenied"];
            403: components["responses"]["EdgeRefused"];
            410: components["responses"]["Gone"];
            429: components["responses"]["TooMany"];
        };
    };
    ticklePost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state of both sessions, or that there is none. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TickleResponse"];
                };
            };
            302: components["responses"]["LoginPage"];
            401: components["responses"]["AccessDenied"];
            403: components["responses"]["EdgeRefused"];
            410: components["responses"]["Gone"];
            411: components["responses"]["LengthRequired"];
            429: components["responses"]["TooMany"];
        };
    };
    iserverAccountsGet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The accounts, or an empty object. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IserverAccounts"];
                };
            };
            302: components["responses"]["LoginPage"];
            /** @description There is no brokerage session. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "error": "Bad Request: no bridge",
                     *       "statusCode": 400
                     *     }
                     */
                    "application/json; charset=utf-8": components["schemas"]["ErrorResponse"];
                };
            };
            401: components["responses"]["AccessDenied"];
            403: components["responses"]["EdgeRefused"];
            410: components["responses"]["Gone"];
            429: components["responses"]["TooMany"];
        };
    };
    oauthRequestTokenPost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token that the user authorizes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "oauth_token": "00000000000000000000"
                     *     }
                     */
                    "application/json": components["schemas"]["OAuthRequestToken"];
                };
            };
            /** @description The signature, the consumer key or the token was refused. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "error": "id: 1, error: invalid consumer",
                     *       "statusCode": 401
                     *     }
                     */
                    "application/json; charset=utf-8": components["schemas"]["ErrorResponse"];
                };
            };
            403: components["responses"]["EdgeRefused"];
            411: components["responses"]["LengthRequired"];
            429: components["responses"]["TooMany"];
        };
    };
    oauthAccessTokenPost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The access token and its encrypted secret. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "is_paper": true,
                     *       "oauth_token": "00000000000000000000",
                     *       "oauth_token_secret": "AAAA"
                     *     }
                     */
                    "application/json": components["schemas"]["OAuthAccessToken"];
                };
            };
            /** @description The signature, the consumer key or the token was refused. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "error": "id: 1, error: invalid consumer",
                     *       "statusCode": 401
                     *     }
                     */
                    "application/json; charset=utf-8": components["schemas"]["ErrorResponse"];
                };
            };
            403: components["responses"]["EdgeRefused"];
            411: components["responses"]["LengthRequired"];
            429: components["responses"]["TooMany"];
        };
    };
    oauthLiveSessionTokenPost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The venue's half of the exchange. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "diffie_hellman_response": "0f",
                     *       "live_session_token_signature": "0000000000000000000000000000000000000000",
                     *       "live_session_token_expiration": 1795086400000
                     *     }
                     */
                    "application/json": components["schemas"]["OAuthLiveSessionToken"];
                };
            };
            /** @description The signature, the consumer key or the token was refused. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "error": "id: 1, error: invalid consumer",
                     *       "statusCode": 401
                     *     }
                     */
                    "application/json; charset=utf-8": components["schemas"]["ErrorResponse"];
                };
            };
            403: components["responses"]["EdgeRefused"];
            411: components["responses"]["LengthRequired"];
            429: components["responses"]["TooMany"];
        };
    };
    oauth2ApiV1TokenPost: {
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
                 *       "grant_type": "client_credentials",
                 *       "scope": "sso-sessions.write",
                 *       "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                 *       "client_assertion": "header.claims.signature"
                 *     }
                 */
                "application/x-www-form-urlencoded": components["schemas"]["OAuth2TokenRequest"];
            };
        };
        responses: {
            /** @description The bearer token. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "example",
                     *       "token_type": "Bearer",
                     *       "scope": "sso-sessions.write",
                     *       "expires_in": 86399
                     *     }
                     */
                    "application/json": components["schemas"]["OAuth2Token"];
                };
            };
            /** @description The request was refused. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "about:blank",
                     *       "title": "Access token expired",
                     *       "status": 401
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemDetail"];
                };
            };
            403: components["responses"]["EdgeRefused"];
            411: components["responses"]["LengthRequired"];
            429: components["responses"]["TooMany"];
            /** @description The request was refused. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "about:blank",
                     *       "title": "Access token expired",
                     *       "status": 401
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemDetail"];
                };
            };
        };
    };
    gwApiV1SsoSessionsPost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example header.claims.signature */
                "application/jwt": string;
            };
        };
        responses: {
            /** @description The session's bearer token. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "active": true,
                     *       "access_token": "example",
                     *       "token_type": "Bearer"
                     *     }
                     */
                    "application/json": components["schemas"]["SsoSession"];
                };
            };
            /** @description The request was refused. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "about:blank",
                     *       "title": "Access token expired",
                     *       "status": 401
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemDetail"];
                };
            };
            /** @description The request was refused. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "about:blank",
                     *       "title": "Access token expired",
                     *       "status": 401
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemDetail"];
                };
            };
            /** @description The request was refused. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "about:blank",
                     *       "title": "Access token expired",
                     *       "status": 401
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemDetail"];
                };
            };
            411: components["responses"]["LengthRequired"];
            429: components["responses"]["TooMany"];
            /** @description The request was refused. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "about:blank",
                     *       "title": "Access token expired",
                     *       "status": 401
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemDetail"];
                };
            };
        };
    };
}
