// Package identity serves aqtra.identity.v1: tenants, users, roles, sessions, API keys, and tokens for durable work. The
// gateway hosts it; it keeps its state in the gateway's Postgres schema and nowhere else.
//
// Every request is judged by what Postgres holds at that moment. [Service.Authenticate] therefore keeps no cache; it answers
// all credentials that wait with one query that begins after they arrived, so that a busy gateway asks once per batch and an
// idle one not at all. A revoked session, a changed role, a disabled or removed user counts from the next request on.
//
// # What the edge does
//
// The edge takes the credential (cookie or bearer) to Authenticate, puts the principal into the token, and passes the
// session's id on in [MetadataSession]. It sets [MetadataClientAddress] on calls of Accounts, and [MetadataTransport] to
// [TransportGRPC] when the call came by gRPC. Answers carry headers: [HeaderSessionToken] with [HeaderSessionExpires] begin a
// session (the edge makes the cookie), [HeaderSessionClear] ends it. None of these names is let in from outside.
//
// # Secrets
//
// Passwords are kept as argon2id over an HMAC with the pepper; sessions, API keys and one-time tokens as SHA-256 of 256
// random bits. Links are built from the configured public URL, with the token in the fragment, which browsers do not send.
package identity
