package expr

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"github.com/aqtra/aqtra/pkg/value"
)

// The CEL types of values that plain CEL does not have. They are constants in all but the keyword.
var (
	decimalType = cel.OpaqueType("aqtra.Decimal")
	dateType    = cel.OpaqueType("aqtra.Date")
	timeType    = cel.OpaqueType("aqtra.Time")
	fileType    = cel.OpaqueType("aqtra.File")
)

// errNative says that CEL asked for a Go form that this package never asks for.
var errNative = errors.New("value has no native form")

// scalar is a value.Decimal, Date, Time or File as a CEL value.
type scalar struct {
	v any
	t *cel.Type
}

func decimalVal(d value.Decimal) ref.Val { return scalar{d, decimalType} }
func dateVal(d value.Date) ref.Val       { return scalar{d, dateType} }
func timeVal(t value.Time) ref.Val       { return scalar{t, timeType} }

// Type implements ref.Val.
func (s scalar) Type() ref.Type { return s.t }

// Value implements ref.Val.
func (s scalar) Value() any { return s.v }

// Equal implements ref.Val.
func (s scalar) Equal(other ref.Val) ref.Val { return types.Bool(equal(s, other)) }

// ConvertToNative implements ref.Val.
func (s scalar) ConvertToNative(reflect.Type) (any, error) { return nil, errNative }

// ConvertToType implements ref.Val; conversions are functions of this package.
func (s scalar) ConvertToType(ref.Type) ref.Val { return types.WrapErr(errNative) }

// object is an entry or a record during one evaluation. The fields of an entry may not be there yet.
type object struct {
	shape  *shape
	run    *run
	id     value.Ref // empty for records and for entries given as plain maps
	fields map[string]any
}

// Type implements ref.Val.
func (o *object) Type() ref.Type { return o.shape.cel }

// Value implements ref.Val.
func (o *object) Value() any { return o }

// Equal implements ref.Val.
func (o *object) Equal(other ref.Val) ref.Val { return types.Bool(equal(o, other)) }

// ConvertToNative implements ref.Val.
func (o *object) ConvertToNative(reflect.Type) (any, error) { return nil, errNative }

// ConvertToType implements ref.Val.
func (o *object) ConvertToType(ref.Type) ref.Val { return types.WrapErr(errNative) }

// named reads a field by its name, for objects whose type is only known at evaluation.
func (o *object) named(name string) ref.Val {
	f, declared := o.shape.fields[name]
	if !declared {
		return types.NewErr("there is no field %q", name)
	}
	return o.field(f)
}

// field reads a declared field, loading the entry when it must; an absent one is null.
func (o *object) field(f *field) ref.Val {
	v, there := o.fields[f.Name]
	switch {
	case there:
	case f.Name == idField && o.id != "":
		v = string(o.id)
	case o.fields == nil && o.shape.typ.Kind == value.RefKind:
		if err := o.load(); err != nil {
			return types.WrapErr(err)
		}
		v = o.fields[f.Name]
	}
	return o.run.toCEL(v, f.form)
}

// load asks the resolver for the fields, once per entry and evaluation.
func (o *object) load() error {
	r := o.run
	if r.resolver == nil || !o.shape.known {
		return fmt.Errorf("the entry of %s that this expression reads is not loaded", o.shape.typ)
	}
	key := entryKey{o.shape.object, o.id}
	fields, ok := r.loaded[key]
	if !ok {
		if len(r.loaded) >= maxLoads {
			return errTooMany
		}
		var err error
		if fields, err = r.resolver.Resolve(r.ctx, o.shape.object, o.id); err != nil {
			return resolveError{err}
		}
		if fields == nil {
			fields = map[string]any{}
		}
		if r.loaded == nil {
			r.loaded = map[entryKey]map[string]any{}
		}
		r.loaded[key] = fields
	}
	o.fields = fields
	return nil
}

// resolveError carries an error of the resolver through CEL.
type resolveError struct{ err error }

func (e resolveError) Error() string { return e.err.Error() }
func (e resolveError) Unwrap() error { return e.err }

type entryKey struct {
	component string
	id        value.Ref
}

// run is one evaluation. It is used by one goroutine.
type run struct {
	ctx      context.Context
	env      *Env
	resolver Resolver
	vars     map[string]any
	values   []ref.Val // of variables read before, by their index
	now      ref.Val
	loaded   map[entryKey]map[string]any
}

// newRun takes a run that is not in use. Nothing that an evaluation gives out refers to its run.
func (e *Env) newRun(ctx context.Context, vars map[string]any, resolver Resolver) *run {
	r, ok := e.runs.Get().(*run)
	if !ok {
		r = &run{env: e, values: make([]ref.Val, len(e.variables))}
	}
	r.ctx, r.vars, r.resolver = ctx, vars, resolver
	return r
}

// release gives a run back, without the values of this evaluation.
func (r *run) release() {
	clear(r.values)
	*r = run{env: r.env, values: r.values}
	r.env.runs.Put(r)
}

// ResolveName implements cel.Activation: it converts the variables that the expression reads, once each.
func (r *run) ResolveName(name string) (any, bool) {
	if name == nowVariable {
		if r.now == nil {
			r.now = stampOrError(value.Datetime(r.env.clock.Now()))
		}
		return r.now, true
	}
	v, declared := r.env.variables[name]
	if !declared {
		return nil, false
	}
	if r.values[v.index] == nil {
		r.values[v.index] = r.toCEL(r.vars[name], v.form)
	}
	return r.values[v.index], true
}

// Parent implements cel.Activation.
func (r *run) Parent() cel.Activation { return nil }

// toCEL gives a value its CEL form, guided by the form of the declared type. What is within lists and maps is converted when
// it is read, so that reading a little of a large value costs little.
func (r *run) toCEL(v any, f *form) ref.Val {
	switch x := v.(type) {
	case nil:
		return types.NullValue
	case bool:
		return types.Bool(x)
	case int64:
		if f != nil && f.decimal {
			return decimalVal(value.NewDecimal(x))
		}
		return types.Int(x)
	case value.Decimal:
		return scalar{v, decimalType}
	case string:
		return types.String(x)
	case []byte:
		return types.Bytes(x)
	case value.Date:
		return scalar{v, dateType}
	case value.Time:
		return scalar{v, timeType}
	case time.Time:
		return types.Timestamp{Time: x.UTC()}
	case value.File:
		return scalar{v, fileType}
	case value.Ref:
		return &object{shape: r.refShape(f), run: r, id: x}
	case Entry:
		return &object{shape: r.refShape(f), run: r, id: x.ID, fields: x.Fields}
	case []any:
		return &lazyList{run: r, items: x, form: f.items()}
	case map[string]any:
		if f != nil && f.shape != nil {
			return &object{shape: f.shape, run: r, fields: x}
		}
		return &lazyMap{run: r, entries: x, form: f.items()}
	}
	return types.NewErr("%T is not a value", v)
}

// items is the form of what a list or map of a form holds.
func (f *form) items() *form {
	if f == nil {
		return nil
	}
	return f.item
}

// refShape is the shape of an entry in a place of this form.
func (r *run) refShape(f *form) *shape {
	if f != nil && f.shape != nil && f.shape.typ.Kind == value.RefKind {
		return f.shape
	}
	return r.env.anyRef
}

// fromCEL gives a CEL value its plain form. budget bounds the number of values and bytes, because a small expression can
// build a value that names its parts many times over.
func fromCEL(v ref.Val, depth int, budget *int) (any, error) {
	if *budget--; *budget < 0 {
		return nil, errTooMany
	}
	if depth > value.MaxDepth {
		return nil, value.ErrDepth
	}
	switch v := v.(type) {
	case types.Null:
		return nil, nil
	case types.Bool:
		return bool(v), nil
	case types.Int:
		return int64(v), nil
	case types.String:
		*budget -= len(v) / 16
		return string(v), nil
	case types.Bytes:
		*budget -= len(v) / 16
		return []byte(v), nil
	case types.Timestamp:
		return value.Datetime(v.Time)
	case scalar:
		return v.v, nil
	case *object:
		if v.id != "" {
			return v.id, nil
		}
		// Its values may be entries as well, which are references outside of an evaluation.
		return fromCEL(&lazyMap{run: v.run, entries: v.fields}, depth, budget)
	case traits.Lister:
		items := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			item, err := fromCEL(it.Next(), depth+1, budget)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		return items, nil
	case traits.Mapper:
		m := map[string]any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			name, ok := key.(types.String)
			if !ok {
				return nil, errors.New("the keys of a map must be text")
			}
			item, err := fromCEL(v.Get(key), depth+1, budget)
			if err != nil {
				return nil, err
			}
			m[string(name)] = item
		}
		return m, nil
	case *types.Err:
		return nil, v
	}
	return nil, fmt.Errorf("%s is not a value", v.Type().TypeName())
}
