// Package web serves the web UI from files that were built, compressed and embedded beforehand.
//
// Files under /assets/ carry a hash in their names and never change; index.html is the answer to every other address of the UI
// and differs in each answer by a nonce, the only thing that lets styles in besides the files themselves. Nothing inline runs.
//
// The folder dist is made by `make web` and is not in the repository. A gateway that was built without it says so at "/".
package web
