// Package changes tells open pages what changed: it hears what the services broadcast, and passes to each stream what its caller
// may read. Nothing of it is kept; a stream that cannot keep up is told that anything may have changed.
//
// It is served by the edge, and not through the gateway's internal listener as identity is: a stream lives for hours, and there
// it would take one of the places for calls and know nothing of the credential, which has to be looked at again and again.
package changes
