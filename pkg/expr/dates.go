package expr

import (
	"errors"
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // for images without a zone database

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/aqtra/aqtra/pkg/value"
)

func dateOptions() []cel.EnvOption {
	zones := &zones{}
	text, stamp := cel.StringType, cel.TimestampType
	opts := []cel.EnvOption{
		cel.Variable(nowVariable, stamp),
		cel.Variable(literalVariable, decimalType),
		cel.Variable(unknownVariable, cel.DynType),
		// Compile replaces both by the variable that holds the time of the evaluation.
		cel.Function("now", cel.Overload("now_datetime", nil, stamp, cel.FunctionBinding(neverCalled))),
		cel.Function("today", cel.Overload("today_date", nil, dateType, cel.FunctionBinding(neverCalled))),
		cel.Function("date",
			cel.Overload("text_to_date", []*cel.Type{text}, dateType, cel.UnaryBinding(func(v ref.Val) ref.Val {
				return dateOrError(value.ParseDate(string(v.(types.String))))
			})),
			cel.Overload("ints_to_date", []*cel.Type{cel.IntType, cel.IntType, cel.IntType}, dateType, cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				y, m, d := args[0].(types.Int), args[1].(types.Int), args[2].(types.Int)
				if y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > 31 {
					return types.WrapErr(value.ErrDate)
				}
				return dateOrError(value.NewDate(int(y), time.Month(m), int(d)))
			})),
			cel.Overload("datetime_to_date", []*cel.Type{stamp}, dateType, cel.UnaryBinding(func(v ref.Val) ref.Val {
				return dateVal(value.DateOf(v.(types.Timestamp).UTC()))
			})),
			cel.Overload("datetime_to_date"+zoneSuffix, []*cel.Type{stamp, text}, dateType, cel.BinaryBinding(func(v, zone ref.Val) ref.Val {
				t, err := zones.move(v, zone)
				if err != nil {
					return types.WrapErr(err)
				}
				return dateVal(value.DateOf(t))
			}))),
		cel.Function("time",
			cel.Overload("text_to_time", []*cel.Type{text}, timeType, cel.UnaryBinding(func(v ref.Val) ref.Val {
				return timeOrError(value.ParseTime(string(v.(types.String))))
			})),
			cel.Overload("datetime_to_time", []*cel.Type{stamp}, timeType, cel.UnaryBinding(func(v ref.Val) ref.Val {
				return timeVal(value.TimeOf(v.(types.Timestamp).UTC()))
			})),
			cel.Overload("datetime_to_time"+zoneSuffix, []*cel.Type{stamp, text}, timeType, cel.BinaryBinding(func(v, zone ref.Val) ref.Val {
				t, err := zones.move(v, zone)
				if err != nil {
					return types.WrapErr(err)
				}
				return timeVal(value.TimeOf(t))
			}))),
		cel.Function("datetime",
			cel.Overload("text_to_datetime", []*cel.Type{text}, stamp, cel.UnaryBinding(func(v ref.Val) ref.Val {
				return stampOrError(value.ParseDatetime(string(v.(types.String))))
			})),
			cel.Overload("date_to_datetime", []*cel.Type{dateType}, stamp, cel.UnaryBinding(func(v ref.Val) ref.Val {
				return types.Timestamp{Time: v.Value().(value.Date).Start()}
			})),
			cel.Overload("date_time_to_datetime", []*cel.Type{dateType, timeType}, stamp, cel.BinaryBinding(func(d, t ref.Val) ref.Val {
				start := d.Value().(value.Date).Start()
				return types.Timestamp{Time: start.Add(t.Value().(value.Time).SinceMidnight())}
			}))),
		cel.Function(overloads.TypeConvertDuration,
			cel.Overload(overloads.StringToDuration, []*cel.Type{text}, cel.DurationType, cel.UnaryBinding(func(v ref.Val) ref.Val {
				d, err := time.ParseDuration(string(v.(types.String)))
				if err != nil {
					return types.WrapErr(errors.New(`not a duration like "1h30m"`))
				}
				return wholeMicros(d)
			}))),
		cel.Function("addDays", cel.MemberOverload("date_add_days", []*cel.Type{dateType, cel.IntType}, dateType,
			cel.BinaryBinding(func(d, n ref.Val) ref.Val {
				return dateOrError(d.Value().(value.Date).AddDays(int64(n.(types.Int))))
			}))),
		cel.Function("addMonths", cel.MemberOverload("date_add_months", []*cel.Type{dateType, cel.IntType}, dateType,
			cel.BinaryBinding(func(d, n ref.Val) ref.Val {
				return dateOrError(d.Value().(value.Date).AddMonths(int64(n.(types.Int))))
			}))),
	}
	units := []struct {
		name string
		unit time.Duration
	}{{"days", 24 * time.Hour}, {"hours", time.Hour}, {"minutes", time.Minute}, {"seconds", time.Second}}
	for _, u := range units {
		opts = append(opts, cel.Function(u.name, cel.Overload(u.name+"_int", []*cel.Type{cel.IntType}, cel.DurationType,
			cel.UnaryBinding(func(n ref.Val) ref.Val {
				d := int64(n.(types.Int))
				if limit := int64(maxDuration / u.unit); d > limit || d < -limit {
					return types.WrapErr(errors.New("the duration is out of range"))
				}
				return types.Duration{Duration: time.Duration(d) * u.unit}
			}))))
	}
	return append(opts, partOptions()...)
}

// maxDuration is CEL's own limit, about 292 years.
const maxDuration = time.Duration(1<<63 - 1)

// partOptions declares the parts of dates and times; of datetimes they are in UTC. Months and days count from 1,
// weekdays from 1 (Monday) to 7.
func partOptions() []cel.EnvOption {
	type named struct {
		name string
		of   func(time.Time) int
	}
	date := func(v ref.Val) time.Time { return v.Value().(value.Date).Start() }
	clock := func(v ref.Val) time.Time { return time.Time{}.Add(v.Value().(value.Time).SinceMidnight()) }
	stamp := func(v ref.Val) time.Time { return v.(types.Timestamp).UTC() }
	var opts []cel.EnvOption
	for _, p := range []named{
		{"year", time.Time.Year},
		{"month", func(t time.Time) int { return int(t.Month()) }},
		{"day", time.Time.Day},
		{"weekday", func(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }},
	} {
		opts = append(opts, cel.Function(p.name,
			part("date_"+p.name, dateType, func(v ref.Val) int { return p.of(date(v)) }),
			part("datetime_"+p.name, cel.TimestampType, func(v ref.Val) int { return p.of(stamp(v)) })))
	}
	for _, p := range []named{{"hour", time.Time.Hour}, {"minute", time.Time.Minute}, {"second", time.Time.Second}} {
		opts = append(opts, cel.Function(p.name,
			part("time_"+p.name, timeType, func(v ref.Val) int { return p.of(clock(v)) }),
			part("datetime_"+p.name, cel.TimestampType, func(v ref.Val) int { return p.of(stamp(v)) })))
	}
	return opts
}

func part(id string, t *cel.Type, f func(ref.Val) int) cel.FunctionOpt {
	return cel.MemberOverload(id, []*cel.Type{t}, cel.IntType, cel.UnaryBinding(func(v ref.Val) ref.Val {
		return types.Int(f(v))
	}))
}

// zoneSuffix ends the ids of overloads that look for a time zone.
const zoneSuffix = "_in_zone"

// zones keeps the time zones that an Env was asked for; there are some 600.
type zones struct{ byName sync.Map } // of *time.Location

// move moves a datetime to a time zone of the IANA database, such as "Europe/Berlin".
func (z *zones) move(v, zone ref.Val) (time.Time, error) {
	name := string(zone.(types.String))
	kept, ok := z.byName.Load(name)
	if !ok {
		loc, err := time.LoadLocation(name)
		if err != nil || name == "" || name == "Local" {
			return time.Time{}, fmt.Errorf("there is no time zone %q", name)
		}
		kept, _ = z.byName.LoadOrStore(name, loc)
	}
	loc, ok := kept.(*time.Location)
	if !ok {
		return time.Time{}, fmt.Errorf("there is no time zone %q", name)
	}
	t := v.(types.Timestamp).In(loc)
	if y := t.Year(); y < 1 || y > 9999 {
		return time.Time{}, value.ErrDatetime
	}
	return t, nil
}

func neverCalled(...ref.Val) ref.Val { return types.NewErr("the time of the evaluation is not known") }

func dateOrError(d value.Date, err error) ref.Val {
	if err != nil {
		return types.WrapErr(err)
	}
	return dateVal(d)
}

func timeOrError(t value.Time, err error) ref.Val {
	if err != nil {
		return types.WrapErr(err)
	}
	return timeVal(t)
}

func stampOrError(t time.Time, err error) ref.Val {
	if err != nil {
		return types.WrapErr(err)
	}
	return types.Timestamp{Time: t}
}
