// Package torture runs a load of workflows against a whole installation, a process for each service and a second one that advances
// runs, while its processes are killed and paused, Postgres is stopped at once and Redis is emptied. What the load saw is judged by
// package check. Only tests are in it: `make torture` runs them for three minutes, `make torture-long` for at least 50,000 runs.
package torture
