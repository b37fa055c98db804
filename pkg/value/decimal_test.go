package value_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, want string
		err        error
	}{
		{text: "0", want: "0"},
		{text: "-0.00", want: "0"},
		{text: "12.50", want: "12.5"},
		{text: "007", want: "7"},
		{text: "1e3", want: "1000"},
		{text: "1E+3", want: "1000"},
		{text: "-1.5e-2", want: "-0.015"},
		{text: "100", want: "100"},
		{text: "0e99", want: "0"},
		{text: "1.000000000000000000000000", want: "1"},
		{text: "12345678901234567890.123456789012345678", want: "12345678901234567890.123456789012345678"},
		{text: "99999999999999999999999999999999999999", want: "99999999999999999999999999999999999999"},
		{text: "1e37", want: "1" + strings.Repeat("0", 37)},
		{text: "1e38", err: value.ErrDecimalRange},
		{text: "1e999999999999", err: value.ErrDecimalRange},
		{text: "100000000000000000000000000000000000000", err: value.ErrDecimalRange},
		{text: "123456789012345678901.123456789012345678", err: value.ErrDecimalRange},
		{text: "1e-18", want: "0.000000000000000001"},
		{text: "1e-19", err: value.ErrDecimalScale},
		{text: "", err: value.ErrDecimalSyntax},
		{text: "-", err: value.ErrDecimalSyntax},
		{text: "+1", err: value.ErrDecimalSyntax},
		{text: ".5", err: value.ErrDecimalSyntax},
		{text: "5.", err: value.ErrDecimalSyntax},
		{text: "1,5", err: value.ErrDecimalSyntax},
		{text: " 1", err: value.ErrDecimalSyntax},
		{text: "1e", err: value.ErrDecimalSyntax},
		{text: "NaN", err: value.ErrDecimalSyntax},
		{text: "Infinity", err: value.ErrDecimalSyntax},
		{text: "0x10", err: value.ErrDecimalSyntax},
		{text: "١", err: value.ErrDecimalSyntax},
		{text: strings.Repeat("0", 200), err: value.ErrDecimalSyntax},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			d, err := value.ParseDecimal(tt.text)
			require.ErrorIs(t, err, tt.err)
			if tt.err == nil {
				require.Equal(t, tt.want, d.String())
			}
		})
	}
}

func TestDecimalArithmetic(t *testing.T) {
	t.Parallel()
	add, sub, mul, quo := value.Decimal.Add, value.Decimal.Sub, value.Decimal.Mul, value.Decimal.Quo
	largest := strings.Repeat("9", 38)
	tests := []struct {
		name string
		op   func(value.Decimal, value.Decimal) (value.Decimal, error)
		a, b string
		want string
		err  error
	}{
		{"add", add, "0.1", "0.2", "0.3", nil},
		{"add to zero", add, "1.5", "-1.5", "0", nil},
		{"add out of range", add, largest, "1", "", value.ErrDecimalRange},
		{"subtract", sub, "1", "0.000000000000000001", "0.999999999999999999", nil},
		{"subtract out of range", sub, "-" + largest, "1", "", value.ErrDecimalRange},
		{"multiply", mul, "1.5", "-2", "-3", nil},
		{"multiply rounds half away", mul, "0.0000000005", "0.000000001", "0.000000000000000001", nil},
		{"multiply rounds half away below zero", mul, "-0.0000000005", "0.000000001", "-0.000000000000000001", nil},
		{"multiply rounds down", mul, "0.0000000004", "0.000000001", "0", nil},
		{"multiply out of range", mul, largest, largest, "", value.ErrDecimalRange},
		{"divide", quo, "1", "3", "0.333333333333333333", nil},
		{"divide rounds half away", quo, "0.000000000000000001", "2", "0.000000000000000001", nil},
		{"divide rounds half away below zero", quo, "-0.000000000000000001", "2", "-0.000000000000000001", nil},
		{"divide exactly", quo, "10000000000000000000000000", "2", "5000000000000000000000000", nil},
		{"divide small by small", quo, "0.000000000000000001", "0.000000000000000003", "0.333333333333333333", nil},
		{"divide large by small", quo, largest, "0.000000000000000001", "", value.ErrDecimalRange},
		{"divide by zero", quo, "1", "0", "", value.ErrDivisionByZero},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.op(value.MustDecimal(tt.a), value.MustDecimal(tt.b))
			require.ErrorIs(t, err, tt.err)
			if tt.err == nil {
				require.Equal(t, tt.want, got.String())
			}
		})
	}
}

func TestDecimalRounding(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text              string
		places            int
		want, floor, ceil string
	}{
		{"2.5", 0, "3", "2", "3"},
		{"-2.5", 0, "-3", "-3", "-2"},
		{"1.005", 2, "1.01", "1", "2"},
		{"1250", -2, "1300", "1250", "1250"},
		{"49", -2, "0", "49", "49"},
		{"7", 5, "7", "7", "7"},
		{"1.5", 99, "1.5", "1", "2"},
		{"5", -99, "0", "5", "5"},
	}
	for _, tt := range tests {
		d := value.MustDecimal(tt.text)
		got, err := d.Round(tt.places)
		require.NoError(t, err)
		require.Equal(t, tt.want, got.String(), tt.text)
		floor, err := d.Floor()
		require.NoError(t, err)
		require.Equal(t, tt.floor, floor.String(), tt.text)
		ceil, err := d.Ceil()
		require.NoError(t, err)
		require.Equal(t, tt.ceil, ceil.String(), tt.text)
	}
	_, err := value.MustDecimal(strings.Repeat("9", 38)).Round(-1)
	require.ErrorIs(t, err, value.ErrDecimalRange)
}

// anyDecimal draws decimals over the whole range, with a liking for the edges.
func anyDecimal() *rapid.Generator[value.Decimal] {
	return rapid.Custom(func(t *rapid.T) value.Decimal {
		text := rapid.StringMatching(`-?[0-9]{1,20}(\.[0-9]{1,18})?`).Draw(t, "text")
		return value.MustDecimal(text)
	})
}

// rational is the exact number.
func rational(t *rapid.T, d value.Decimal) *big.Rat {
	r, ok := new(big.Rat).SetString(d.String())
	if !ok {
		t.Fatalf("%s is no number", d)
	}
	return r
}

func TestDecimalAgainstRationals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyDecimal().Draw(t, "a"), anyDecimal().Draw(t, "b")
		ra, rb := rational(t, a), rational(t, b)
		check := func(name string, got value.Decimal, err error, exact *big.Rat) {
			text := exact.FloatString(18)
			want, wantErr := value.ParseDecimal(text)
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("%s %s %s: %v, want %v", a, name, b, err, wantErr)
			}
			if err == nil && got.String() != want.String() {
				t.Fatalf("%s %s %s = %s, want %s", a, name, b, got, want)
			}
		}
		sum, err := a.Add(b)
		check("+", sum, err, new(big.Rat).Add(ra, rb))
		difference, err := a.Sub(b)
		check("-", difference, err, new(big.Rat).Sub(ra, rb))
		product, err := a.Mul(b)
		check("*", product, err, new(big.Rat).Mul(ra, rb))
		if b.Sign() != 0 {
			quotient, err := a.Quo(b)
			check("/", quotient, err, new(big.Rat).Quo(ra, rb))
		}
		if a.Cmp(b) != ra.Cmp(rb) {
			t.Fatalf("cmp %s %s", a, b)
		}
		rounded, err := a.Round(3)
		if err != nil || rounded.String() != value.MustDecimal(ra.FloatString(3)).String() {
			t.Fatalf("round %s = %s, %v", a, rounded, err)
		}
	})
}

func TestDecimalTextRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDecimal().Draw(t, "d")
		again, err := value.ParseDecimal(d.String())
		if err != nil || again.Cmp(d) != 0 || again.String() != d.String() {
			t.Fatalf("%s became %s, %v", d, again, err)
		}
		if n, ok := d.Int64(); ok && value.NewDecimal(n).Cmp(d) != 0 {
			t.Fatalf("%s is not %d", d, n)
		}
		if d.Neg().Neg().Cmp(d) != 0 || d.Abs().Sign() < 0 {
			t.Fatalf("sign of %s", d)
		}
	})
}

func FuzzParseDecimal(f *testing.F) {
	for _, seed := range []string{"1", "-0.0", "1e3", "1.5e-18", "99999999999999999999999999999999999999", "1e-999", "+1", "NaN", "0e5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := value.ParseDecimal(text)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q is no number", text)
		}
		got, ok := new(big.Rat).SetString(d.String())
		if !ok || got.Cmp(want) != 0 {
			t.Fatalf("%q became %s", text, d)
		}
		if digits := strings.Trim(strings.ReplaceAll(strings.TrimPrefix(d.String(), "-"), ".", ""), "0"); len(digits) > value.Precision {
			t.Fatalf("%s has too many digits", d)
		}
		if strings.ContainsAny(d.String(), "eE+") || d.String() == "-0" {
			t.Fatalf("%s is not canonical", d)
		}
	})
}

func BenchmarkDecimalMul(b *testing.B) {
	x, y := value.MustDecimal("1234.56"), value.MustDecimal("1.19")
	for b.Loop() {
		if _, err := x.Mul(y); err != nil {
			b.Fatal(err)
		}
	}
}
