package sandbox

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

const echo = "def main(x):\n    return x\n"

func values(t testing.TB) map[string]any {
	date, err := value.NewDate(2026, time.February, 28)
	require.NoError(t, err)
	clockTime, err := value.ParseTime("13:05:00.25")
	require.NoError(t, err)
	return map[string]any{
		"null": nil, "true": true, "false": false,
		"int": int64(-42), "largest": int64(1<<63 - 1), "smallest": int64(-1 << 63),
		"decimal": value.MustDecimal("12345678901234567890.123456789012345678"), "small": value.MustDecimal("-0.000000000000000001"),
		"text": "grüße \U0001F600 \"\\\n\x00", "empty": "", "like a tag": map[string]any{"d": "1", "m": map[string]any{}},
		"bytes": []byte{0, 255, 10}, "date": date, "time": clockTime,
		"datetime": time.Date(2026, 10, 25, 0, 30, 0, 123456000, time.UTC), "old": time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		"ref": value.Ref("ent_1"), "file": value.File("fil_1"),
		"list": []any{int64(1), []any{}, nil, "x"}, "map": map[string]any{"": int64(1), "ä": []any{value.Ref("e")}},
	}
}

func TestValuesRoundTrip(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, v := range values(t) {
		t.Run(name, func(t *testing.T) {
			res, err := b.script(t, echo, v)
			require.NoError(t, err)
			require.IsType(t, v, res.Value)
			require.True(t, value.Equal(v, res.Value), "%v became %v", v, res.Value)
		})
	}
	t.Run("all", func(t *testing.T) {
		res, err := b.script(t, echo, values(t))
		require.NoError(t, err)
		require.True(t, value.Equal(values(t), res.Value))
	})
}

func TestValuesInPython(t *testing.T) {
	t.Parallel()
	b := setup(t)
	code := `
import aqtra, datetime, decimal
def main(v):
    assert type(v["int"]) is int and type(v["decimal"]) is decimal.Decimal, v
    assert type(v["bytes"]) is bytes and type(v["date"]) is datetime.date and type(v["time"]) is datetime.time
    assert v["datetime"].utcoffset() == datetime.timedelta(0)
    assert type(v["ref"]) is aqtra.Ref and type(v["file"]) is aqtra.File and v["ref"] == "ent_1"
    return {
        "float": 0.1 + 0.2, "third": decimal.Decimal(1) / 3, "half": decimal.Decimal("0.5").quantize(decimal.Decimal(1)), "tuple": (1, 2),
        "zone": datetime.datetime(2026, 7, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2))), "big": 10**18,
    }
`
	res, err := b.script(t, code, values(t))
	require.NoError(t, err)
	want := map[string]any{
		"float": value.MustDecimal("0.30000000000000004"), "third": value.MustDecimal("0.333333333333333333"), "half": value.MustDecimal("1"),
		"tuple": []any{int64(1), int64(2)}, "zone": time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC), "big": int64(1e18),
	}
	require.True(t, value.Equal(want, res.Value), "%v", res.Value)
}

func TestScriptErrors(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, tc := range map[string]struct{ code, message, line, trace string }{
		"raise":         {"def main():\n    x = 1\n    raise ValueError('no ' + str(x))", "ValueError: no 1 (line 3)", "3", "line 3, in main"},
		"deep":          {"def f(a):\n    return a['k']\n\ndef main():\n    return f({})", "KeyError: 'k' (line 2)", "2", "line 5, in main\nline 2, in f"},
		"library":       {"import json\ndef main():\n    json.loads('{')", "JSONDecodeError: Expecting property name", "3", "line 3, in main"},
		"syntax":        {"def main():\n    return (", "SyntaxError: '(' was never closed (line 2)", "2", ""},
		"module":        {"x = 1\n1/0\ndef main(): pass", "ZeroDivisionError: division by zero (line 2)", "2", "line 2, in <module>"},
		"no function":   {"def other(): pass", "NameError: the script has no function named main", "", ""},
		"arguments":     {"def main(a): pass", "TypeError: main() missing 1 required positional argument: 'a'", "", ""},
		"set":           {"def main(): return {'a': [1, {2}]}", "ValueNotSupported: result['a'][1]: a set is not a value", "", ""},
		"naive":         {"import datetime\ndef main(): return datetime.datetime(2026,1,1)", "ValueNotSupported: result: a datetime needs a time zone", "", ""},
		"nan":           {"def main(): return float('nan')", "ValueNotSupported: result: Decimal('NaN') is not a decimal", "", ""},
		"int":           {"def main(): return 2**63", "ValueNotSupported: result: the integer does not fit 64 bits", "", ""},
		"key":           {"def main(): return {1: 2}", "ValueNotSupported: result: the key 1 is not text", "", ""},
		"surrogate":     {"def main(): return '\\ud800'", "UnicodeEncodeError", "", ""},
		"digits":        {"import decimal\ndef main(): return decimal.Decimal('1'*38 + '.1')", "result: ", "", ""},
		"cycle":         {"def main():\n    x = []\n    x.append(x)\n    return x", "ValueNotSupported: result[0]", "", ""},
		"exit":          {"import sys\ndef main(): sys.exit(3)", "SystemExit: 3 (line 2)", "2", "line 2, in main"},
		"hard exit":     {"import os\ndef main(): os._exit(0)", "the script ended its process without a result", "", ""},
		"crash":         {"import ctypes\ndef main(): ctypes.string_at(0)", "the script crashed: segmentation fault", "", ""},
		"recursion":     {"def main(): return main()", "RecursionError: maximum recursion depth exceeded", "1", ""},
		"bad str":       {"class E(Exception):\n    def __str__(self): raise E\ndef main(): raise E", "E (line 3)", "3", "line 3, in main"},
		"no broker":     {"import aqtra\ndef main(): aqtra.call('entries.get', id='x')", "Error: this script cannot call the platform (NOT_SUPPORTED) (line 2)", "2", ""},
		"null byte":     {"def main(): pass\x00", "source code string cannot contain null bytes", "", ""},
		"closed pipe":   {"import os\ndef main(): os.close(3)", "the script ended its process without a result", "", ""},
		"thread is one": {"import threading\ndef main(): threading.Thread(target=print).start()", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.script(t, tc.code)
			if name == "thread is one" {
				require.Equal(t, "processes", requireFault(t, err, faultv1.Reason_REASON_SCRIPT_LIMIT).Meta["limit"])
				return
			}
			f := requireFault(t, err, faultv1.Reason_REASON_SCRIPT_FAILED)
			require.Contains(t, f.Message, tc.message)
			if tc.line != "" {
				require.Equal(t, tc.line, f.Meta["line"])
			}
			if tc.trace != "" {
				require.Equal(t, tc.trace, f.Meta["traceback"])
			}
		})
	}
}

func TestLogs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	res, err := b.script(t, `
import logging, sys
def main():
    print("one", 2)
    print("half", end="")
    print("err", file=sys.stderr)
    logging.error("bad %s", "thing")
    logging.getLogger("x").info("fine")
    logging.debug("hidden")
    raise ValueError
`)
	requireFault(t, err, faultv1.Reason_REASON_SCRIPT_FAILED)
	require.Equal(t, []LogLine{{"info", "one 2"}, {"warning", "err"}, {"error", "bad thing"}, {"info", "fine"}, {"info", "half"}}, res.Logs)

	res, err = b.script(t, "def main():\n    for i in range(3000): print(i)\n    return 1")
	require.NoError(t, err)
	require.Len(t, res.Logs, maxLogLines+1)
	require.Equal(t, LogLine{"warning", "2000 more lines were dropped"}, res.Logs[maxLogLines])
	require.Positive(t, res.CPU)
	require.Positive(t, res.Wall)
	require.Greater(t, res.MaxRSS, int64(1<<20))
}

func TestCallMany(t *testing.T) {
	t.Parallel()
	b := setup(t)
	items := make([]any, 5000)
	for i := range items {
		items[i] = map[string]any{"n": int64(i)}
	}
	code := "seen = 0\ndef f(item, add):\n    global seen\n    seen += 1\n    if item['n'] == 7: raise ValueError('seven')\n    return [item['n'] + add, seen]\n"
	got, err := b.CallMany(t.Context(), Call{Tenant: "acme", Code: code, Function: "f", Args: []any{int64(10)}}, items)
	require.NoError(t, err)
	require.Len(t, got, len(items))
	for i, o := range got {
		require.Equal(t, i, o.Index)
		if i == 7 {
			require.Equal(t, "ValueError: seven (line 5)", requireFault(t, o.Err, faultv1.Reason_REASON_SCRIPT_FAILED).Message)
			continue
		}
		require.NoError(t, o.Err)
		require.Equal(t, []any{int64(i + 10), int64(i + 1)}, o.Value)
	}

	got, err = b.CallMany(t.Context(), Call{Tenant: "acme", Code: "def main(n):\n    while n == 2: pass\n    return n", Limits: Limits{Wall: time.Second}},
		[]any{int64(1), int64(2), int64(3)})
	requireFault(t, err, faultv1.Reason_REASON_SCRIPT_TIMEOUT)
	require.Equal(t, Outcome{Value: int64(1)}, got[0])
	require.Equal(t, err, got[1].Err)
	require.Equal(t, err, got[2].Err)

	got, err = b.CallMany(t.Context(), Call{Tenant: "acme", Code: "def main("}, []any{int64(1)})
	requireFault(t, err, faultv1.Reason_REASON_SCRIPT_FAILED)
	require.Len(t, got, 1)
}

type brokerFunc func(ctx context.Context, method string, args map[string]any) (any, error)

func (f brokerFunc) Invoke(ctx context.Context, method string, args map[string]any) (any, error) {
	return f(ctx, method, args)
}

func TestBroker(t *testing.T) {
	t.Parallel()
	b := setup(t)
	broker := brokerFunc(func(_ context.Context, method string, args map[string]any) (any, error) {
		switch method {
		case "entries.get":
			return map[string]any{"id": args["id"], "total": value.MustDecimal("9.90")}, nil
		case "leak":
			return nil, errors.New("password=hunter2")
		case "huge":
			return strings.Repeat("x", maxFrame), nil
		}
		return nil, fault.NotFound(faultv1.Reason_REASON_ENTRY_NOT_FOUND, "entry not found")
	})
	res, err := b.Call(t.Context(), Call{Tenant: "acme", Broker: broker, Code: `
import aqtra
def main():
    out = [aqtra.call("entries.get", component="order", id=aqtra.Ref("e1"))]
    for method in ("missing", "leak", "huge"):
        try:
            aqtra.call(method)
        except aqtra.Error as e:
            out.append([e.reason, str(e)])
    return out
`})
	require.NoError(t, err)
	require.Equal(t, []any{
		map[string]any{"id": value.Ref("e1"), "total": value.MustDecimal("9.90")},
		[]any{"ENTRY_NOT_FOUND", "entry not found"}, []any{"INTERNAL", "internal error"}, []any{"REQUEST_TOO_LARGE", "the answer is larger than 8 MiB"},
	}, res.Value)

	// A broker that hangs is left with the call's time.
	_, err = b.Call(t.Context(), Call{Tenant: "acme", Code: "import aqtra\ndef main(): aqtra.call('x')", Limits: Limits{Wall: 300 * time.Millisecond},
		Broker: brokerFunc(func(ctx context.Context, _ string, _ map[string]any) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})})
	requireFault(t, err, faultv1.Reason_REASON_SCRIPT_TIMEOUT)
}

func TestCheck(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, tc := range map[string]struct {
		code string
		want []Problem
	}{
		"fine":      {"if True:\n    def main(): return 1/0", []Problem{}},
		"imported":  {"from math import sqrt as main", []Problem{}},
		"missing":   {"def other(): pass", []Problem{{1, 1, "the script has no function named main"}}},
		"used only": {"main()", []Problem{{1, 1, "the script has no function named main"}}},
		"async":     {"\nasync def main(): pass", []Problem{{2, 1, "main must be a plain function, without async"}}},
		"syntax":    {"def main():\n  x = = 2", []Problem{{2, 7, "invalid syntax"}}},
		"return":    {"def main(): pass\nreturn 1", []Problem{{2, 1, "'return' outside function"}}},
		"not run":   {"import os\nos._exit(1)\ndef main(): pass", []Problem{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := b.Check(t.Context(), tc.code)
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
	got, err := b.Check(t.Context(), "x = "+strings.Repeat("(", 5000))
	require.NoError(t, err)
	require.Len(t, got, 1)
	got, err = b.Check(t.Context(), "def a(): pass", "a", "b")
	require.NoError(t, err)
	require.Equal(t, []Problem{{1, 1, "the script has no function named b"}}, got)
}

func TestRefusedCalls(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for field, c := range map[string]Call{
		"tenant":      {Code: echo},
		"environment": {Tenant: "acme", Environment: "../x", Code: echo},
		"code":        {Tenant: "acme", Code: strings.Repeat(" ", maxCode+1)},
		"args":        {Tenant: "acme", Code: echo, Args: []any{1.5}},
	} {
		_, err := b.Call(t.Context(), c)
		f := requireFault(t, err, faultv1.Reason_REASON_INVALID_FIELDS)
		require.Equal(t, field, f.Violations[0].Field)
	}
	_, err := b.script(t, echo, strings.Repeat("x", maxFrame))
	requireFault(t, err, faultv1.Reason_REASON_REQUEST_TOO_LARGE)
	_, err = b.Call(t.Context(), Call{Tenant: "acme", Environment: "absent", Code: echo})
	require.Equal(t, fault.KindFailedPrecondition, requireFault(t, err, faultv1.Reason_REASON_SANDBOX_UNAVAILABLE).Kind)
}
