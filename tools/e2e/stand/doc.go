// Package stand starts an installation of Aqtra from its binaries for tests: a temporary data folder, free ports, and either
// everything in one process or the six services as processes of their own. It also speaks to one that runs already. Nothing in it knows the inside of a service.
package stand
