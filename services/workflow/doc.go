// Package workflow is the workflow service: durable runs of workflows, and the inbox of people whom they wait for.
//
// # Workflows
//
// A workflow is a document of the Open Workflow DSL 1.0.3 with CEL expressions (evaluate.language: cel). This version runs
// do, set, switch, for, fork, wait, try, raise, listen (one, any or all of several events, by type) and call, with the standard's function http and the functions
// dataflow, python, confirm, notify and entry; input.from, output.as, export.as, if, then and timeout on every task; schedule with cron, every
// or after; errors, retries and timeouts that "use" defines. Whatever else the standard has is refused by CheckWorkflow, never ignored.
//
// metadata.compensate of a task is a list of tasks that undoes it. When a try takes an error, what was done within is undone, the last
// first, before the error is handled or the tasks are tried again; when a run fails, all that was done is. Whoever tries such a run again
// begins anew. In these tasks "output" is what the task gave that is undone.
//
// An expression is a whole text "${ .. }". Its variables:
//
//	input     what the run was given; within a task with input.from, what that gives, also for the tasks inside
//	output    what the task before gave; in output.as and export.as, what this task gives
//	context   what the last export.as gave
//	user      who started the run: id, email, name, roles
//	workflow  id, component, name, release, business_key, entry, start_time, input
//	runtime   name, version
//
// A loop adds "item" and "index" (or the names that for.each and for.at give), a handler of errors "error" (or catch.as).
// In the standard "input" is the output of the task before; here that is "output", so that what the run was given stays in
// reach.
//
// # Durability
//
// A run's position is data: a stack of frames, see internal/task, and one more for each branch of a fork. The calls of branches are made
// at once; all else of a run happens one after the other. A branch that waits for a person goes on when no call of another one is under
// way, so at most AQTRA_WORKFLOW_ENGINE_CALL_TIMEOUT later. A worker claims ready runs, advances each in memory until a
// call has to be made, stores that (many runs in one statement), makes the call, and so on. A run that waits for a time, a
// person or an event is a row and nothing else. A process that dies leaves its runs to others when its lease ends; the epoch
// fences it if it comes back. A call may therefore be repeated, and always with the same idempotency key: run, path of the
// task, iterations of the loops around it, and the number of manual retries. Answers and events are stored before they are
// matched, so an early one is not lost.
//
// # Packages
//
//	internal/rpc     the wire
//	internal/engine  claims, the interpreter, commits
//	internal/dsl     documents to programs
//	internal/schedule  starts by the clock
//	internal/retention removes old runs
//	internal/task    what kinds of task share
//	internal/tasks   one folder per kind of task and function
//	internal/store   Postgres
//	internal/peers   releases and identity
package workflow
