// Package broadcast tells other processes that something changed, so that open pages can read it again. It carries what changed
// and who may hear of it, never the content.
//
// It is lossy by design, because the truth is in the tables: a process that dies forgets what it had to tell, one that listens
// misses what is told while it connects, and changes of one moment are told as one. Whoever listens hears of a gap by a message
// of no kind, which stands for anything, and reads again now and then anyhow.
//
// Decision: news goes by Redis where the installation has one, and by Postgres' NOTIFY otherwise, which needs nothing more to
// run. NOTIFY takes a lock of the whole database while its transaction commits, so it never rides on the transaction of a write:
// Publish puts a message into a map, and one goroutine per process sends what gathered, at most once every 50 ms, in a
// transaction of its own that does not wait for the disk. A write costs no more for it, an idle process sends nothing, and one
// that listens holds one connection and does not poll. An outbox would lose nothing, but doubles the writes to tell a browser
// sooner what it reads soon enough.
package broadcast
