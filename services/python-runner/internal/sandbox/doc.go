// Package sandbox runs Python that somebody else wrote.
//
// The Supervisor keeps one zygote per tenant and environment: a warm interpreter, started through the launcher, that has an
// unprivileged uid of its own, may read the interpreter's library and nothing else (Landlock), may use a short list of system calls
// (seccomp), and has an empty environment, no network, no writable file. For each call the zygote forks a child, which takes
// a stricter filter (no new processes, no signals, no descriptors from elsewhere) and limits on memory and CPU time before it
// reads the code. The child's only way out is its own socket, where it sends log lines, questions to the Broker and one result.
// Every byte from there is taken as hostile; what a child forges can only become its own result.
//
// What a script sees: a module with a function, by default main(item), whose arguments and result are values of package value. An int
// is an int, a decimal a decimal.Decimal, dates and times are those of module datetime (a datetime is aware and in UTC),
// references and files are the str classes aqtra.Ref and aqtra.File. A float that is returned becomes the decimal of its shortest text.
// aqtra.call(method, **arguments) asks the Broker. There are no processes, sockets, temporary files, and by default no threads,
// hence no asyncio.
//
// What remains visible: Landlock hides the contents of files and folders, not that a path exists, nor its size and times.
package sandbox
