// Package query makes all SQL text that depends on a tenant's object models. Identifiers come from ids that package model has
// checked, and are quoted; values are always bound, and never part of the text.
//
// Expressions are translated so that SQL's null stands for two things that expressions tell apart: a field that is null, and
// an evaluation that failed. Operators other than == and != fail on null, as theirs in SQL give null; && and || take a failure as
// SQL takes null; == and != are IS [NOT] DISTINCT FROM, unless an operand failed. A filter selects the entries for
// which it is true. What cannot be said in SQL exactly is refused with its position.
package query

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// Statement is SQL text with its bound values.
type Statement struct {
	SQL  string
	Args []any
}

// User is what expressions know of the caller.
type User struct {
	ID, Email, Name string
	Roles           []string
}

// Scope is in whose name and over which tables statements are made.
type Scope struct {
	// Schema is the tenant's schema.
	Schema  string
	Release *model.Release
	User    User
	Now     time.Time
	// Sight tells which entries of a component the caller may read. Filters and orders see no others through references.
	Sight func(*model.Component) Sight
}

// Sight is which entries a caller may see or change: all of them, or those for which one of the filters is true. The zero
// Sight is none.
type Sight struct {
	All     bool
	Filters []string
}

// SightOf reads the access rules of a component for somebody.
func SightOf(c *model.Component, op libraryv1.Operation, p principal.Principal) Sight {
	if p.IsAdmin() || len(c.Access) == 0 {
		return Sight{All: true}
	}
	var s Sight
	for _, rule := range c.Access {
		if !slices.Contains(p.Roles, rule.GetRole()) {
			continue
		}
		for _, o := range rule.GetOperations() {
			if o == op && rule.GetFilter() == "" {
				return Sight{All: true}
			}
			if o == op {
				s.Filters = append(s.Filters, rule.GetFilter())
			}
		}
	}
	return s
}

// maxSQL bounds the text of one statement, because some operators repeat their operands.
const maxSQL = 256 << 10

// builder collects the values and the joins of one statement over one table.
type builder struct {
	scope Scope
	args  *[]any
	joins *joins
	// sighted says that references are followed with the caller's eyes, not with those of a rule.
	sighted bool
	// eyes is the builder that follows references so, for the same statement; nil until it is needed.
	eyes *builder
}

// joins are the references that a SELECT follows, in order.
type joins struct {
	aliases map[string]string
	sql     strings.Builder
	next    *int
}

func newBuilder(s Scope) *builder {
	n := 0
	return &builder{scope: s, args: new([]any), joins: &joins{aliases: map[string]string{}, next: &n}}
}

// caller gives the builder for what the caller names, which sees less than a rule and so has joins of its own.
func (b *builder) caller() *builder {
	if b.eyes == nil {
		b.eyes = &builder{scope: b.scope, args: b.args, sighted: true, joins: &joins{aliases: map[string]string{}, next: b.joins.next}}
	}
	return b.eyes
}

// from gives FROM with all references that were followed until now.
func (b *builder) from(c *model.Component) string {
	return " FROM " + b.table(c) + " AS e" + b.joins.sql.String() + b.caller().joins.sql.String()
}

// bind adds a value and gives its place in the text, cast to a type of Postgres.
func (b *builder) bind(v any, typ string) string {
	*b.args = append(*b.args, v)
	return "$" + strconv.Itoa(len(*b.args)) + "::" + typ
}

func (b *builder) statement(sql string) (Statement, error) {
	if len(sql) > maxSQL || len(*b.args) > 60_000 {
		return Statement{}, fault.Invalid(faultv1.Reason_REASON_EXPRESSION_COST, "the expression is too large for the database")
	}
	return compact(sql, *b.args), nil
}

// place is the place of a bound value. No identifier or literal in our text holds a dollar sign.
var place = regexp.MustCompile(`\$[0-9]+`)

// compact leaves out values that ended up in no place, because Postgres could not know their type.
func compact(sql string, args []any) Statement {
	numbers := make(map[string]string, len(args))
	var used []any
	text := place.ReplaceAllStringFunc(sql, func(p string) string {
		if n, ok := numbers[p]; ok {
			return n
		}
		i, _ := strconv.Atoi(p[1:])
		used = append(used, args[i-1])
		numbers[p] = "$" + strconv.Itoa(len(used))
		return numbers[p]
	})
	return Statement{SQL: text, Args: used}
}

func (b *builder) table(c *model.Component) string { return quote(b.scope.Schema, c.Table()) }

func (b *builder) link(f *model.Field) string { return quote(b.scope.Schema, f.Link) }

func quote(parts ...string) string { return pgx.Identifier(parts).Sanitize() }

// sight gives the condition under which an entry is within a sight, as non-exact SQL: null is no.
func (b *builder) sight(c *model.Component, s Sight, alias string) (string, error) {
	if s.All {
		return "true", nil
	}
	if len(s.Filters) == 0 {
		return "false", nil
	}
	env, err := c.Rules()
	if err != nil {
		return "", fmt.Errorf("rules of %s: %w", c.ID, err)
	}
	rule := *b
	rule.sighted = false
	parts := make([]string, len(s.Filters))
	for i, text := range s.Filters {
		if parts[i], err = rule.condition(c, env, text, alias); err != nil {
			return "", ruleError(c, err)
		}
	}
	return "(" + strings.Join(parts, " OR ") + ")", nil
}

// ruleError says that a rule of the component cannot be evaluated, which is not the caller's doing.
func ruleError(c *model.Component, err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	return fault.FailedPrecondition(f.Reason, "a rule of the component "+c.ID+" cannot be evaluated", fault.Cause(err))
}

// RuleProblem is an access rule or the condition of a trigger that the database cannot evaluate.
type RuleProblem struct{ Rule, Message string }

// CheckRules tries to translate all rules of a component.
func (s Scope) CheckRules(c *model.Component) ([]RuleProblem, error) {
	env, err := c.Rules()
	if err != nil {
		return nil, fmt.Errorf("rules of %s: %w", c.ID, err)
	}
	texts := map[string]string{}
	for i, r := range c.Access {
		texts[fmt.Sprintf("access rule %d for %s", i+1, r.GetRole())] = r.GetFilter()
	}
	for _, t := range c.Triggers {
		texts["condition of the trigger "+t.GetId()] = t.GetCondition()
	}
	var problems []RuleProblem
	for _, rule := range slices.Sorted(maps.Keys(texts)) {
		if texts[rule] == "" {
			continue
		}
		_, err := newBuilder(s).condition(c, env, texts[rule], "e")
		f, ok := fault.As(err)
		if err != nil && !ok {
			return nil, err
		}
		if ok {
			problems = append(problems, RuleProblem{Rule: rule, Message: f.Violations[0].Description})
		}
	}
	return problems, nil
}

// condition translates a boolean expression over one entry.
func (b *builder) condition(c *model.Component, env *expr.Env, text, alias string) (string, error) {
	program, err := env.Compile(text)
	if err != nil {
		return "", err
	}
	if k := program.Type.Kind; k != value.Bool && k != value.Null {
		return "", expr.Invalid("expression", []expr.Problem{{Message: "expected a condition, which is true or false, not " + program.Type.String()}})
	}
	t := &translator{builder: b, checked: program.Checked, component: c, alias: alias}
	sql, err := t.predicate(program.AST.Expr(), false)
	if err == nil && len(sql) > maxSQL/2 {
		err = t.refuse(program.AST.Expr(), "the expression is too large for the database")
	}
	return sql, err
}

// follow gives the alias of the entry that a reference names. Each reference is joined once.
func (b *builder) follow(target *model.Component, idSQL string) (string, error) {
	key := target.UID + "\x00" + idSQL
	if alias, ok := b.joins.aliases[key]; ok {
		return alias, nil
	}
	*b.joins.next++
	alias := "j" + strconv.Itoa(*b.joins.next)
	from := b.table(target) + " AS " + alias + "_t"
	where := alias + "_t.id = " + idSQL
	if b.sighted {
		inner := &builder{scope: b.scope, args: b.args, joins: &joins{aliases: map[string]string{}, next: b.joins.next}}
		seen, err := inner.sight(target, b.scope.Sight(target), alias+"_t")
		if err != nil {
			return "", err
		}
		from += inner.joins.sql.String()
		if seen != "true" {
			where += " AND " + seen
		}
	}
	fmt.Fprintf(&b.joins.sql, " LEFT JOIN LATERAL (SELECT %s_t.* FROM %s WHERE %s) AS %[1]s ON true", alias, from, where)
	b.joins.aliases[key] = alias
	return alias, nil
}
