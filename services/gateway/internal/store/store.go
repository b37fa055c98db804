// Package store holds the gateway's Postgres schema: its migrations, and in db the queries that sqlc generates.
package store

import "embed"

// Schema is the Postgres schema of the gateway.
const Schema = "gateway"

// Migrations are the only DDL of the schema.
//
//go:embed migrations/*.sql
var Migrations embed.FS
