package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// refusal is how long a kind of bad input took to be refused.
type refusal struct {
	name     string
	code     int
	bytes    int
	p50, max time.Duration
}

// refusalsOnly names them on the command line.
const refusalsOnly = "refusals"

// refusals is how often each is sent, one after the other.
const refusals = 50

// measureRefusals sends what a stranger may send to keep a service busy. Goal: an answer within 50 ms, and never a success or a fault of ours.
func measureRefusals(ctx context.Context, a *app) ([]refusal, error) {
	const entries = "/v1/components/invoice/entries"
	names := strings.Builder{}
	names.WriteString(`{"operations":[{"create":{"fields":{`)
	for n := range 1_000_000 {
		if n > 0 {
			names.WriteByte(',')
		}
		names.WriteString(`"` + strconv.Itoa(n) + `":1`)
	}
	names.WriteString(`}}}]}`)
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	var out []refusal
	for _, c := range []struct{ name, path, body string }{
		{"half an object", entries, `{"fields":{"InvoiceNumber":"X"`},
		{"wrong type", entries, `{"fields":{"InvoiceNumber":5,"InvoiceName":"x"}}`},
		{"2 MiB of text", entries, `{"name":"` + strings.Repeat("x", 2<<20) + `"}`},
		{"100,000 levels", entries, `{"fields":{"InvoiceName":` + deep + `}}`},
		{"1,000,000 names in a batch", entries + ":batchWrite", names.String()},
	} {
		r := refusal{name: c.name, bytes: len(c.body)}
		var took []time.Duration
		for range refusals {
			answer, err := a.session.Do(ctx, http.MethodPost, c.path, c.body)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			if answer.Code < 400 || answer.Code >= 500 {
				return nil, fmt.Errorf("%s was answered with %d: %.500s", c.name, answer.Code, answer.Body)
			}
			r.code = answer.Code
			took = append(took, answer.Took)
		}
		slices.Sort(took)
		r.p50, r.max = took[len(took)/2], took[len(took)-1]
		out = append(out, r)
	}
	return out, nil
}

func writeRefusals(b *bytes.Buffer, all []refusal) {
	fmt.Fprintf(b, "## Refusals\n\nBad input to one process, %d times one after the other, from the first byte sent to the answer read (goal: 50 ms).\n\n"+
		"| input | bytes | status | p50 ms | most ms |\n|---|--:|--:|--:|--:|\n", refusals)
	for _, r := range all {
		fmt.Fprintf(b, "| %s | %d | %d | %.2f | %.2f |\n", r.name, r.bytes, r.code, r.p50.Seconds()*1000, r.max.Seconds()*1000)
	}
	b.WriteString("\n")
}
