// Package wirejson is the JSON of the edge: proto3 JSON with the typed values of aqtra.type.v1 written as plain JSON.
//
// The rules are those of proto3 JSON (names in lowerCamelCase, the original names accepted too, 64-bit integers as strings,
// enums by name), with these differences:
//
//   - Value, ListValue and MapValue are plain JSON, as the comment of aqtra/type/v1/value.proto says. A Value without a kind
//     is absent: its member is left out, and where that cannot be (in a list) null stands for it.
//   - Scalars, lists and maps are always written, also when they are empty. Unset messages and optional fields are not.
//   - What is read is read strictly. Unknown fields, repeated keys and wrong types are refused, all of them at once, in a
//     fault whose violations name each field by its path.
//   - Objects and lists nest at most [MaxDepth] deep when read. What is written has no such limit, so that a value that came
//     in may go out inside a longer answer; there the limit of protobuf itself holds.
//   - Proto2 is not known here: extensions are neither read nor written.
package wirejson
