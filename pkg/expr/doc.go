// Package expr is the expression language of the platform: CEL over object models.
//
// An Env is built once from a Model and then checks, compiles and evaluates expressions over the model's variables; all of
// its methods are safe for use by several goroutines. Values go in and come out as pkg/value has them.
//
// # Where it differs from plain CEL
//
// Numbers are ints and exact decimals, by the table in aqtra/type/v1/value.proto. A literal with a point or an exponent
// (0.5, 1e3) is a decimal, taken from its text: there are no doubles, and no uints. Ints and decimals mix in arithmetic and in
// every comparison, also inside lists and maps.
//
// Dates: date, time of day and datetime (CEL's timestamp) are types of their own, made by date("2026-01-31"),
// time("13:05"), datetime("2026-01-31T13:05:00Z"); now() and today() come from the injected clock and do not move during
// one evaluation. date - date is a number of days; durations have whole microseconds.
//
// Null: a field that is absent or empty is null, and so is every field of an empty reference or record; == and != take
// null with everything, every other operator fails on it, as SQL would give null. has(x.f) says that the field is
// there and not null. The same holds for the keys of a map without declared fields (x.key, x['key']), where CEL would fail;
// only in, size() and == tell an absent key from one that is null. Both branches of ?: have one type, or one of them is
// null, or they mix int and decimal.
//
// References: a field of type ref(component) is read through (order.customer.name) when the model has the component; the
// entry is loaded by the Resolver given to Eval. order.customer.id, and comparing a reference with a text, needs no load.
//
// What CEL has and this language has not: doubles, uints, type(), dyn(), messages, optionals, timestamp() (it is
// datetime()) and timestamps finer than a microsecond.
package expr
