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
	cache  map[string]ref.Val // of fields read before, so that each is converted once
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

// Get implements traits.Indexer, for objects whose type is only known at evaluation.
func (o *object) Get(name ref.Val) ref.Val {
	s, ok := name.(types.String)
	if _, declared := o.shape.fields[string(s)]; !ok || !declared {
		return types.NewErr("there is no field %q", fmt.Sprint(name.Value()))
	}
	return o.field(string(s))
}

// IsSet implements traits.FieldTester.
func (o *object) IsSet(name ref.Val) ref.Val {
	v := o.Get(name)
	if types.IsError(v) {
		return v
	}
	return types.Bool(v != types.NullValue)
}

var (
	_ traits.Indexer     = (*object)(nil)
	_ traits.FieldTester = (*object)(nil)
)

// field reads a declared field, loading the entry when it must; an absent one is null.
func (o *object) field(name string) ref.Val {
	if v, ok := o.cache[name]; ok {
		return v
	}
	f := o.shape.fields[name]
	v, there := o.fields[name]
	switch {
	case there:
	case name == idField && o.id != "":
		v = string(o.id)
	case o.fields == nil && o.shape.typ.Kind == value.RefKind:
		if err := o.load(); err != nil {
			return types.WrapErr(err)
		}
		v = o.fields[name]
	}
	val := o.run.toCEL(v, f.Type)
	if o.cache == nil {
		o.cache = map[string]ref.Val{}
	}
	o.cache[name] = val
	return val
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
	values   map[string]ref.Val // of variables read before
	loaded   map[entryKey]map[string]any
}

// ResolveName implements cel.Activation: it converts the variables that the expression reads, once each.
func (r *run) ResolveName(name string) (any, bool) {
	if v, ok := r.values[name]; ok {
		return v, true
	}
	var v ref.Val
	switch name {
	case nowVariable:
		t, err := value.Datetime(r.env.clock.Now())
		if err != nil {
			return types.WrapErr(err), true
		}
		v = types.Timestamp{Time: t}
	default:
		f, declared := r.env.variables[name]
		if !declared {
			return nil, false
		}
		v = r.toCEL(r.vars[name], f.Type)
	}
	r.values[name] = v
	return v, true
}

// Parent implements cel.Activation.
func (r *run) Parent() cel.Activation { return nil }

// toCEL gives a value its CEL form, guided by the declared type.
func (r *run) toCEL(v any, t value.Type) ref.Val {
	switch v := v.(type) {
	case nil:
		return types.NullValue
	case bool:
		return types.Bool(v)
	case int64:
		if t.Kind == value.DecimalKind {
			return decimalVal(value.NewDecimal(v))
		}
		return types.Int(v)
	case value.Decimal:
		return decimalVal(v)
	case string:
		return types.String(v)
	case []byte:
		return types.Bytes(v)
	case value.Date:
		return dateVal(v)
	case value.Time:
		return timeVal(v)
	case time.Time:
		return types.Timestamp{Time: v.UTC()}
	case value.File:
		return scalar{v, fileType}
	case value.Ref:
		return &object{shape: r.refShape(t), run: r, id: v}
	case Entry:
		return &object{shape: r.refShape(t), run: r, id: v.ID, fields: v.Fields}
	case []any:
		items := make([]ref.Val, len(v))
		for i, item := range v {
			items[i] = r.toCEL(item, t.Item())
		}
		return types.NewRefValList(r.env.shapes, items)
	case map[string]any:
		if sh := r.env.shapes.of(t); sh != nil {
			return &object{shape: sh, run: r, fields: v}
		}
		entries := make(map[ref.Val]ref.Val, len(v))
		for name, item := range v {
			entries[types.String(name)] = r.toCEL(item, t.Item())
		}
		return types.NewRefValMap(r.env.shapes, entries)
	}
	return types.NewErr("%T is not a value", v)
}

// refShape is the shape of an entry in a place of this declared type.
func (r *run) refShape(t value.Type) *shape {
	if sh := r.env.shapes.of(t); sh != nil && t.Kind == value.RefKind {
		return sh
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
		return v.fields, nil
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
