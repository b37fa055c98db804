// Command bench measures the budgets of the platform on this machine: cost and time of the standard operations in one process
// and over six, how quick the web UI is in a browser, and what the platform needs when nobody asks for anything. It runs the built
// programs with a temporary data folder and speaks to them as any client does. Bare servers are measured beside, so that the numbers
// of different machines compare.
package main
