package expr

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/operators"
	"github.com/aqtra/aqtra/pkg/near"
	"github.com/aqtra/aqtra/pkg/value"
)

// maxProblems is how many problems of one expression are reported.
const maxProblems = 20

// celProblems puts the errors of CEL's parser and checker into words for the author of the expression.
func (e *Env) celProblems(issues *cel.Issues) []Problem {
	var problems []Problem
	for _, err := range issues.Errors() {
		if len(problems) == maxProblems {
			break
		}
		p := e.celProblem(err)
		if err.Location != nil && err.Location.Line() > 0 {
			p.Line, p.Column = err.Location.Line(), err.Location.Column()+1
		}
		problems = append(problems, p)
	}
	return problems
}

func (e *Env) celProblem(err *common.Error) Problem {
	message := err.Message
	switch {
	case strings.Contains(message, "recursion"):
		return Problem{Message: "the expression is nested too deeply"}
	case strings.HasPrefix(message, "expression node count"):
		return Problem{Message: fmt.Sprintf("the expression has more than %d parts", maxNodes)}
	}
	if name, ok := strings.CutPrefix(message, "reserved identifier: "); ok {
		return Problem{Message: fmt.Sprintf("`%s` is a reserved word", name)}
	}
	if name, ok := between(message, "undeclared reference to '", "'"); ok {
		message, suggestion := didYouMean(fmt.Sprintf("unknown name `%s`", name), name, e.names())
		return Problem{Message: message, Suggestion: suggestion}
	}
	if function, ok := between(message, "found no matching overload for '", "'"); ok {
		if args, ok := between(message, "applied to '", "'"); ok {
			return Problem{Message: e.noOverload(function, args)}
		}
	}
	switch message {
	case "invalid double literal":
		return Problem{Message: value.ErrDecimalRange.Error()}
	case "invalid int literal":
		return Problem{Message: "the whole number does not fit 64 bits"}
	}
	if syntax, ok := strings.CutPrefix(message, "Syntax error: "); ok {
		return Problem{Message: syntaxError(syntax)}
	}
	if t, ok := between(message, "type '", "' does not support field selection"); ok {
		return Problem{Message: e.words(t) + " has no fields"}
	}
	return Problem{Message: e.words(message)}
}

// noOverload says that an operator or function does not take these types.
func (e *Env) noOverload(function, args string) string {
	target, rest, member := strings.Cut(args, ".(")
	list := strings.TrimSuffix(strings.TrimPrefix(rest, "("), ")")
	if !member {
		list = strings.TrimSuffix(strings.TrimPrefix(args, "("), ")")
	}
	list = e.words(list)
	switch function {
	case operators.Conditional, ifNullLeft, ifNullRight, ifNumber:
		return "the condition of ?: must be a bool and both branches of one type, not " + list
	}
	if symbol, ok := operators.FindReverse(function); ok && symbol != "" {
		return fmt.Sprintf("%s cannot be applied to %s", symbol, strings.Replace(list, ", ", " and ", 1))
	}
	if function == operators.Index {
		return fmt.Sprintf("[] cannot be applied to %s", strings.Replace(list, ", ", " and ", 1))
	}
	if member {
		return fmt.Sprintf("%s.%s() does not take (%s)", e.words(target), function, list)
	}
	return fmt.Sprintf("%s() does not take (%s)", function, list)
}

// words replaces CEL's names of types in a message by ours.
func (e *Env) words(message string) string {
	names := slices.SortedFunc(maps.Keys(e.shapes.byName), func(a, b string) int { return len(b) - len(a) })
	for _, name := range names { // the longest first, because names of records hold those of their fields
		message = strings.ReplaceAll(message, name, e.shapes.byName[name].typ.String())
	}
	return strings.NewReplacer(
		"aqtra.Decimal", "decimal", "aqtra.Date", "date", "aqtra.Time", "time", "aqtra.File", "file",
		"timestamp", "datetime", "google.protobuf.Timestamp", "datetime", "google.protobuf.Duration", "duration", "null_type", "null",
		"string", "text", "dyn", "any",
	).Replace(message)
}

// syntaxError shortens the parser's message, which lists every token that might have stood there.
func syntaxError(message string) string {
	for _, prefix := range []string{"mismatched input '", "extraneous input '", "no viable alternative at input '", "token recognition error at: '"} {
		if rest, ok := strings.CutPrefix(message, prefix); ok {
			token, _, _ := strings.Cut(rest, "' expecting")
			token = strings.TrimSuffix(token, "'")
			if token == "<EOF>" {
				return "the expression ends too early"
			}
			return fmt.Sprintf("unexpected `%s`", token)
		}
	}
	return message
}

func between(s, before, after string) (string, bool) {
	_, s, ok := strings.Cut(s, before)
	if !ok {
		return "", false
	}
	s, _, ok = strings.Cut(s, after)
	return s, ok
}

// didYouMean adds the nearest of the names to a message when one is near.
func didYouMean(message, name string, names []string) (withHint, suggestion string) {
	suggestion = near.Name(name, names)
	if suggestion == "" {
		return message, ""
	}
	return fmt.Sprintf("%s, did you mean `%s`?", message, suggestion), suggestion
}
