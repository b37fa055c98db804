// Package check finds what is wrong in definitions, and what they refer to.
//
// The object model, pages, access rules and triggers are checked here. Dataflows, workflows and scripts are checked by the
// services that own them; their answers are kept by the hash of all that they depend on.
//
// # What a page means
//
// A page is {"root": id, "nodes": {id: {"type", "name", "props", "slots"}}}. Every node hangs below the root exactly once,
// in a slot, which is a list of ids. In the props of a node, at any depth:
//
//   - {"$expr": "CEL"} is an expression over entry (the record of the page), item (the current record: the row inside of a
//     grid or list, otherwise the record of the page), params (what the page was opened with) and user (id, email, name, roles).
//     visible, disabled, required, readOnly and hidden take a bool.
//   - "component" names a component. As a setting of the node itself, or in its "source", it says whose entries the node
//     shows: item below it, and in its own settings, is one of them. A source with a "dataflow" shows rows of any form.
//   - "dataflow", "workflow", "script" and "page" name a part of the component that stands beside them, otherwise of the
//     page's own.
//   - "field" names a field of the page's component or of one that the node stands in; references can be followed with
//     dots.
//   - "params", "input", "values", "mapping", "labels" and "data" hold names of the author's own; only their expressions
//     are looked at.
package check
