// Package pythonrunner runs the Python of tenants: scripts of components for callers, and code of steps and tasks for the
// engines. It keeps nothing; what isolates the code is described in internal/sandbox.
//
//	cmd/python-runner   the process
//	cmd/aqtra-launcher  the small static program that confines an interpreter and becomes it
//	internal/sandbox    supervisor, zygotes, calls, limits
//	internal/broker     what a script may ask for, with the rights of its caller
//	internal/rpc        messages to the domain's terms and back
package pythonrunner
