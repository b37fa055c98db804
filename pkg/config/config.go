// Package config fills a struct from environment variables. The struct is the only place where a setting is declared: name,
// type, default and documentation. The name of a variable is the prefix and the path of the field in upper snake case.
//
//	type Config struct {
//		Workers int           `default:"16" doc:"how many runs advance at once"`
//		Lease   time.Duration `default:"30s" doc:"how long a claimed run is ours"`
//		URL     string        `env:"AQTRA_URL" secret:"true" doc:"..."`
//	}
package config

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Lookup returns the value of a variable and whether it is set, as os.LookupEnv.
type Lookup func(name string) (string, bool)

// Map returns a lookup in m, for tests and for settings made in code.
func Map(m map[string]string) Lookup {
	return func(name string) (string, bool) {
		v, ok := m[name]
		return v, ok
	}
}

// validator is what a config, or a struct inside one, implements to check values and their combinations.
type validator interface{ Validate() error }

// Load fills cfg, a pointer to a struct. A variable that is unset or empty leaves the default, and without a default the value
// that the field had. Validate is called on the struct and on nested ones, which therefore need not call each other.
// The error names every bad variable at once, and never shows the value of a secret.
func Load(prefix string, cfg any, lookup Lookup) error {
	root, err := structOf(cfg)
	if err != nil {
		return err
	}
	var errs []error
	for _, f := range fields(prefix, root) {
		text, ok := lookup(f.env)
		if !ok || text == "" {
			text = f.def
		}
		if text == "" {
			continue
		}
		if err := set(f.value, text); err != nil {
			if f.secret {
				err = errors.New("not a valid value")
			}
			errs = append(errs, fmt.Errorf("%s: %w", f.env, err))
		}
	}
	if len(errs) == 0 {
		errs = validate(prefix, root)
	}
	return errors.Join(errs...)
}

// Docs writes one paragraph per variable of cfg, a pointer to a struct: name, type, default and documentation.
func Docs(w io.Writer, prefix string, cfg any) error {
	root, err := structOf(cfg)
	if err != nil {
		return err
	}
	for _, f := range fields(prefix, root) {
		note := typeName(f.value.Type())
		if f.def != "" {
			note += ", default " + f.def
		}
		if f.secret {
			note += ", secret"
		}
		if _, err := fmt.Fprintf(w, "  %s (%s)\n", f.env, note); err != nil {
			return err
		}
		if f.doc == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "        %s\n", f.doc); err != nil {
			return err
		}
	}
	return nil
}

type field struct {
	env, def, doc string
	secret        bool
	value         reflect.Value
}

func structOf(cfg any) (reflect.Value, error) {
	v := reflect.ValueOf(cfg)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return reflect.Value{}, fmt.Errorf("config: want a pointer to a struct, got %T", cfg)
	}
	return v.Elem(), nil
}

func fields(prefix string, v reflect.Value) []field {
	var out []field
	for sf, fv := range exported(v) {
		env := envName(prefix, sf)
		if nested(fv) {
			out = append(out, fields(env, fv)...)
			continue
		}
		out = append(out, field{
			env: env, def: sf.Tag.Get("default"), doc: sf.Tag.Get("doc"), secret: sf.Tag.Get("secret") == "true", value: fv,
		})
	}
	return out
}

func exported(v reflect.Value) func(yield func(reflect.StructField, reflect.Value) bool) {
	return func(yield func(reflect.StructField, reflect.Value) bool) {
		for i := range v.NumField() {
			if sf := v.Type().Field(i); sf.IsExported() && !yield(sf, v.Field(i)) {
				return
			}
		}
	}
}

func nested(v reflect.Value) bool {
	if v.Kind() != reflect.Struct {
		return false
	}
	_, text := v.Addr().Interface().(encoding.TextUnmarshaler)
	return !text
}

// envName is the variable of a field, or the prefix of a nested struct; an embedded struct adds nothing to it.
func envName(prefix string, sf reflect.StructField) string {
	if env := sf.Tag.Get("env"); env != "" {
		return env
	}
	if sf.Anonymous && sf.Type.Kind() == reflect.Struct {
		return prefix
	}
	return prefix + "_" + UpperSnake(sf.Name)
}

// validate asks nested structs before the one that holds them. An embedded struct's Validate is promoted and would report
// twice, hence the check for equal texts.
func validate(prefix string, v reflect.Value) []error {
	var errs []error
	for sf, fv := range exported(v) {
		if nested(fv) {
			errs = append(errs, validate(envName(prefix, sf), fv)...)
		}
	}
	if c, ok := v.Addr().Interface().(validator); ok {
		if err := c.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", prefix, err))
		}
	}
	seen := make(map[string]bool, len(errs))
	return slices.DeleteFunc(errs, func(err error) bool {
		dup := seen[err.Error()]
		seen[err.Error()] = true
		return dup
	})
}

func set(v reflect.Value, text string) error {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a duration, such as 30s or 5m", text)
		}
		v.SetInt(int64(d))
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("%q is not a whole number in range", text)
		}
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("%q is not a whole number in range", text)
		}
		v.SetUint(n)
	case reflect.Float32, reflect.Float64:
		n, err := strconv.ParseFloat(text, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("%q is not a number", text)
		}
		v.SetFloat(n)
	case reflect.Slice:
		return setList(v, text)
	default:
		return fmt.Errorf("fields of type %s are not supported", v.Type())
	}
	return nil
}

// setList reads a list with commas; blanks around items and empty items are dropped.
func setList(v reflect.Value, text string) error {
	out := reflect.MakeSlice(v.Type(), 0, 4)
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		e := reflect.New(v.Type().Elem()).Elem()
		if err := set(e, item); err != nil {
			return err
		}
		out = reflect.Append(out, e)
	}
	v.Set(out)
	return nil
}

func typeName(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "duration"
	case t == reflect.TypeFor[Size]():
		return "size"
	case t.Kind() == reflect.Slice:
		return "list of " + typeName(t.Elem())
	case t.Kind() == reflect.Struct:
		return "text"
	}
	return t.Kind().String()
}
