package expr

import (
	"fmt"
	"regexp"
	"slices"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/lru"
	"github.com/aqtra/aqtra/pkg/value"
)

const (
	// MaxLength is how long an expression may be, in bytes.
	MaxLength = 8 << 10
	// DefaultCost is the cost limit of one evaluation; a step of a loop costs about 5, a call 1 and more for long texts.
	DefaultCost = 100_000
	// DefaultPrograms is how many compiled programs an Env keeps.
	DefaultPrograms = 1024

	maxNesting     = 100       // of the text, counted by the parser
	maxNodes       = 2000      // of the syntax tree
	maxAggregates  = 32        // lists, maps and loops within each other
	maxText        = 1 << 20   // bytes of a text that an expression makes
	maxValues      = 200_000   // values in a result, or compared as a whole
	maxLoads       = 1000      // entries read through references in one evaluation
	maxPattern     = 1000      // bytes of a regular expression
	maxPatternSize = 1000      // instructions of its program
	maxMatchWork   = 1_000_000 // bytes of the text by instructions
)

// Env checks, compiles and evaluates expressions over one model.
type Env struct {
	cel       *cel.Env
	shapes    *shapes
	anyRef    *shape
	variables map[string]variable
	clock     clock.Clock
	cost      uint64
	programs  *lru.Cache[*Program]
	operators map[string]func(l, r ref.Val) ref.Val
	runs      sync.Pool // of *run
}

// variable is a declared variable; index is its place among the values of an evaluation.
type variable struct {
	field
	index int
}

// Option changes a default of an Env.
type Option func(*Env)

// WithClock sets the clock of now() and today(); the default is the real one.
func WithClock(c clock.Clock) Option { return func(e *Env) { e.clock = c } }

// WithCost sets the cost limit of one evaluation; there is always one.
func WithCost(limit uint64) Option { return func(e *Env) { e.cost = max(limit, 1) } }

// WithPrograms sets how many compiled programs are kept.
func WithPrograms(n int) Option { return func(e *Env) { e.programs = lru.New[*Program](int64(n)) } }

// NewEnv builds the environment of a model. It fails when a name or id is empty, given twice or, for a variable, not an
// identifier.
func NewEnv(m Model, opts ...Option) (*Env, error) {
	s, err := newShapes(m)
	if err != nil {
		return nil, fmt.Errorf("build expression environment: %w", err)
	}
	anyRef := value.Type{Kind: value.RefKind}
	if err := s.declare(anyRef); err != nil {
		return nil, fmt.Errorf("build expression environment: %w", err)
	}
	e := &Env{
		shapes: s, anyRef: s.of(anyRef), variables: make(map[string]variable, len(m.Variables)),
		clock: clock.Real(), cost: DefaultCost, programs: lru.New[*Program](DefaultPrograms), operators: binaryOperators(),
	}
	for _, opt := range opts {
		opt(e)
	}
	celOpts := append(functionOptions(e.operators),
		cel.CustomTypeAdapter(s), cel.CustomTypeProvider(s),
		cel.EnableIdentifierEscapeSyntax(), cel.EnableMacroCallTracking(),
		cel.ParserExpressionSizeLimit(MaxLength), cel.ParserRecursionLimit(maxNesting), cel.ParserErrorRecoveryLimit(4),
		cel.ExpressionNodeLimit(maxNodes),
		cel.DefaultUTCTimeZone(true))
	for i, v := range m.Variables {
		if _, twice := e.variables[v.Name]; twice || !isIdentifier(v.Name) {
			return nil, fmt.Errorf("build expression environment: variable %q: the name is no identifier or given twice", v.Name)
		}
		t := s.celType(v.Type)
		e.variables[v.Name] = variable{field{v, t, s.form(v.Type)}, i}
		celOpts = append(celOpts, cel.Variable(v.Name, t))
	}
	if e.cel, err = cel.NewCustomEnv(celOpts...); err != nil {
		return nil, fmt.Errorf("build expression environment: %w", err)
	}
	return e, nil
}

// isIdentifier reports whether a name can stand in an expression as it is.
func isIdentifier(name string) bool {
	return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString(name) && !IsReserved(name)
}

// IsReserved reports whether a name is a word that the language keeps for itself.
func IsReserved(name string) bool {
	return slices.Contains([]string{
		"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
		"package", "namespace", "null", "return", "true", "var", "void", "while",
	}, name)
}
