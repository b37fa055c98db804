// Package plain holds bare servers that answer two of the platform's requests, to read an invoice and to list 20, with nothing
// around them: no tenants, identities, checks or models. What they cost on a machine tells how fast the machine is.
package plain
