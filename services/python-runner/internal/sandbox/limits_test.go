package sandbox

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	short := Limits{Wall: 700 * time.Millisecond}
	long := Limits{CPU: time.Second}
	for name, tc := range map[string]struct {
		code   string
		limits Limits
		reason faultv1.Reason
		limit  string
	}{
		"loop":    {"def main():\n    while True: pass", short, faultv1.Reason_REASON_SCRIPT_TIMEOUT, ""},
		"sleep":   {"import time\ndef main(): time.sleep(60)", short, faultv1.Reason_REASON_SCRIPT_TIMEOUT, ""},
		"in load": {"while True: pass", short, faultv1.Reason_REASON_SCRIPT_TIMEOUT, ""},
		"deaf to signals": {`
import signal
def main():
    for n in range(1, 65):
        try: signal.signal(n, signal.SIG_IGN)
        except (OSError, ValueError): pass
    while True:
        try:
            while True: pass
        except BaseException: pass
`, short, faultv1.Reason_REASON_SCRIPT_TIMEOUT, ""},
		"hang after closing": {"import os\ndef main():\n    os.close(3)\n    while True: pass", short, faultv1.Reason_REASON_SCRIPT_TIMEOUT, ""},
		"cpu":                {"def main():\n    while True: pass", long, faultv1.Reason_REASON_SCRIPT_LIMIT, "cpu"},
		"cpu, deaf":          {"import signal\ndef main():\n    signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n    while True: pass", long, faultv1.Reason_REASON_SCRIPT_LIMIT, "cpu"},
		"memory at once":     {"def main(): return len(bytearray(1 << 30))", Limits{}, faultv1.Reason_REASON_SCRIPT_LIMIT, "memory"},
		"memory by and by":   {"def main():\n    x = []\n    while True: x.append('x' * 100000)", Limits{}, faultv1.Reason_REASON_SCRIPT_LIMIT, "memory"},
		"small objects":      {"def main():\n    x = []\n    while True: x = [x, x]", Limits{Memory: 32 << 20}, faultv1.Reason_REASON_SCRIPT_LIMIT, "memory"},
		"endless output":     {"def main():\n    while True: print('x' * 1000)", Limits{}, faultv1.Reason_REASON_SCRIPT_LIMIT, "output"},
		"endless line":       {"def main():\n    while True: print('x' * 1000, end='')", Limits{}, faultv1.Reason_REASON_SCRIPT_LIMIT, "output"},
		"raw output":         {"import os\ndef main():\n    while True: os.write(3, b'\\x00\\x00\\x00\\x11{\"k\":\"log\",\"x\":1}')", Limits{Output: 1 << 20}, faultv1.Reason_REASON_SCRIPT_LIMIT, "output"},
		"large result":       {"def main(): return 'x' * (9 << 20)", Limits{}, faultv1.Reason_REASON_SCRIPT_LIMIT, "output"},
		"unfolding result":   {"def main(): return [[]] * 2000000", Limits{}, faultv1.Reason_REASON_SCRIPT_LIMIT, "output"},
		"fork":               {"import os\ndef main():\n    while True: os.fork()", Limits{}, faultv1.Reason_REASON_SCRIPT_LIMIT, "processes"},
		"thread bomb": {"import threading, time\ndef main():\n    threading.stack_size(65536)\n    while True: threading.Thread(target=time.sleep, args=(60,)).start()",
			Limits{Processes: 4}, faultv1.Reason_REASON_SCRIPT_LIMIT, "processes"},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.limits.Wall == 0 {
				tc.limits.Wall = 5 * time.Minute // another limit ends it, on a busy machine too
			}
			_, err := b.Call(t.Context(), Call{Tenant: "acme", Code: tc.code, Limits: tc.limits})
			f := requireFault(t, err, tc.reason)
			require.Equal(t, tc.limit, f.Meta["limit"], f.Message)
		})
	}
	// None of this harmed the interpreter that all had in common.
	res, err := b.script(t, echo, "still here")
	require.NoError(t, err)
	require.Equal(t, "still here", res.Value)
	require.Equal(t, 1, b.count())
}

func TestDescriptorsAreBounded(t *testing.T) {
	t.Parallel()
	res, err := setup(t).script(t, "import os\ndef main():\n    n = 0\n    try:\n        while True: n += os.dup(1) > 0\n    except OSError as e: return [n, e.errno]")
	require.NoError(t, err)
	require.Equal(t, []any{int64(124), int64(24)}, res.Value)
}

func TestThreadsWhenAllowed(t *testing.T) {
	t.Parallel()
	code := "import threading\ndef main():\n    out = []\n    ts = [threading.Thread(target=out.append, args=(i,)) for i in range(3)]\n" +
		"    for x in ts: x.start()\n    for x in ts: x.join()\n    return sorted(out)"
	res, err := setup(t).Call(t.Context(), Call{Tenant: "acme", Code: code, Limits: Limits{Processes: 4}})
	require.NoError(t, err)
	require.Equal(t, []any{int64(0), int64(1), int64(2)}, res.Value)
}

// Whatever a child writes, to whatever descriptor, it can only answer its own call.
func TestForgedReplies(t *testing.T) {
	t.Parallel()
	b := setup(t)
	frame := `
import json, os, struct
def frame(text): return struct.pack(">I", len(text)) + text
`
	for name, tc := range map[string]struct{ code, message string }{
		"length":         {`os.write(3, b"\xff\xff\xff\xff")`, "the script sent more than"},
		"no json":        {`os.write(3, frame(b"hello"))`, "the script sent what is not a result"},
		"pickle":         {`import pickle; os.write(3, frame(pickle.dumps(ValueError)))`, "the script sent what is not a result"},
		"array":          {`os.write(3, frame(b"[]"))`, "the script sent what is not a result"},
		"unknown kind":   {`os.write(3, frame(b'{"k":"exit","exit":1}'))`, "the script sent what is not a result"},
		"deep":           {`os.write(3, frame(b'{"k":"done","value":' + b"[" * 20000 + b"]" * 20000 + b"}"))`, "the script sent what is not a result"},
		"deep, legal":    {`os.write(3, frame(b'{"k":"done","value":' + b"[" * 100 + b"]" * 100 + b"}"))`, "result: nested deeper"},
		"number":         {`os.write(3, frame(b'{"k":"done","value":1e400}'))`, "result: not an integer"},
		"tag":            {`os.write(3, frame(b'{"k":"done","value":{"z":"1"}}'))`, "result: the message cannot be read"},
		"two tags":       {`os.write(3, frame(b'{"k":"done","value":{"d":"1","m":{}}}'))`, "result: the message cannot be read"},
		"decimal":        {`os.write(3, frame(b'{"k":"done","value":{"d":"NaN"}}'))`, "result: "},
		"date":           {`os.write(3, frame(b'{"k":"done","value":{"D":"2026-02-31"}}'))`, "result: "},
		"half a message": {`os.write(3, b"\x00\x00\x10\x00{"); os._exit(0)`, "the script ended its process without a result"},
	} {
		t.Run(name, func(t *testing.T) {
			code := frame + "def main():\n    " + tc.code + "\n    while True: pass"
			// Who has sent something like a result may go on until its time is over.
			_, err := b.Call(t.Context(), Call{Tenant: "acme", Code: code, Limits: Limits{Wall: 20 * time.Second, CPU: time.Second}})
			f := requireAnyFault(t, err)
			require.Contains(t, f.Message, tc.message)
		})
	}
	t.Run("neighbours", func(t *testing.T) {
		forge := frame + `
def main(n):
    for fd in range(200):
        for data in (frame(b'{"k":"done","value":"forged"}'), b'{"exit":1,"code":0}', b'{"kill":1}'):
            try: os.write(fd, data)
            except OSError: pass
    return n
`
		var wg sync.WaitGroup
		for n := range int64(20) {
			wg.Go(func() {
				if n%2 == 0 {
					res, err := b.script(t, forge, n)
					if err == nil {
						require.Equal(t, "forged", res.Value) // its own answer, no more
					}
					return
				}
				res, err := b.script(t, echo, n)
				require.NoError(t, err)
				require.Equal(t, n, res.Value)
			})
		}
		wg.Wait()
		require.Equal(t, 1, b.count())
	})
}

func FuzzReadFrame(f *testing.F) {
	for _, seed := range []string{"\x00\x00\x00\x02{}", "\xff\xff\xff\xff", "\x00\x00\x00\x20{\"k\":\"done\",\"value\":{\"m\":{\"a\":1}}}", "\x00\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, n, err := readFrame(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		require.LessOrEqual(t, n, int64(len(data)))
		v, err := decodeValue(got.Value)
		if err != nil {
			return
		}
		again, err := encodeValue(v)
		require.NoError(t, err)
		w, err := decodeValue(again)
		require.NoError(t, err)
		require.Equal(t, v, w)
	})
}
