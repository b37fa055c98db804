// Package zygote holds the Python side of the sandbox: the program that the launcher executes.
package zygote

import _ "embed"

// Source is the program, for the interpreter's option -c: it needs no file that the sandbox would have to read. Its first
// argument is a JSON list of seccomp filters in base64 (calls without threads, calls with threads; empty where filters are
// waived), its second, optional, a folder of packages.
//
//go:embed zygote.py
var Source string
