// Package storage is the data layer: it keeps the entries of all components and the files of all tenants, and is the only
// service that touches them.
//
// Each tenant has a Postgres schema and a role that reaches nothing else. Each component has a table with a typed column per
// field, named by the field's stable id, so a rename changes nothing in the database. Lists of references are tables of their
// own. Control tables (history, request ids, the outbox, descriptions of files) are shared, behind row-level security.
//
//	cmd/storage       the process
//	internal/model    a release compiled: fields, types, rules, environments of expressions
//	internal/query    the one place that makes SQL text: expressions, pages, writes
//	internal/schema   tables compared with a release: plan, expand, contract
//	internal/engine   who may do what; one path for every write: lock, check, change, check again, record
//	internal/store    statements run on Postgres in the tenant's role; the control tables
//	internal/outbox   the relay that starts workflows for changes
//	internal/files    encrypted files in a bucket
//	internal/keys     data keys of tenants
//	internal/rpc      messages to the domain's terms and back
//
// A write is one transaction: the request id is claimed, the entries are locked, access rules are asked before and after
// the change, and history, outbox and the answer for the request id commit with it.
//
// A plan (QueryPlan) reads entries or groups of them for the dataflow service: one statement of the query builder, in one
// snapshot, its rows streamed as Arrow record batches.
package storage
