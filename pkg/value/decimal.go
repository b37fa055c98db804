package value

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"

	"github.com/cockroachdb/apd/v3"
)

const (
	// Precision is how many significant digits a Decimal may have.
	Precision = 38
	// Scale is how many of them may stand after the point.
	Scale = 18

	// maxDecimalText bounds what ParseDecimal looks at, in bytes.
	maxDecimalText = 128
	// maxDecimalBits bounds the coefficient that DecimalOf looks at: as many digits as maxDecimalText.
	maxDecimalBits = 426
)

var (
	// ErrDecimalSyntax says that a text is not a number.
	ErrDecimalSyntax = errors.New("not a decimal number")
	// ErrDecimalRange says that a number has more than 38 digits.
	ErrDecimalRange = errors.New("number has more than 38 digits")
	// ErrDecimalScale says that a number has more than 18 digits after the point.
	ErrDecimalScale = errors.New("number has more than 18 digits after the point")
	// ErrDivisionByZero says that a number was divided by zero.
	ErrDivisionByZero = errors.New("division by zero")
)

// exact has room for every intermediate result of two numbers in range (at most 76 digits), so nothing but the rounding
// to Scale ever rounds. It is never changed.
var exact = apd.Context{
	Precision: 120, MaxExponent: 1000, MinExponent: -1000, Rounding: apd.RoundHalfUp,
	Traps: apd.DefaultTraps &^ apd.Inexact &^ apd.Rounded,
}

// Decimal is an exact decimal number of up to 38 digits, at most 18 of them after the point. It is immutable and always in
// canonical form: no trailing zeros after the point and no negative zero. The zero Decimal is 0.
type Decimal struct{ d apd.Decimal }

// NewDecimal gives the decimal of an integer.
func NewDecimal(n int64) Decimal {
	var d Decimal
	d.d.SetInt64(n)
	return d
}

// MustDecimal is ParseDecimal for texts known to be right; it panics when they are not.
func MustDecimal(text string) Decimal {
	d, err := ParseDecimal(text)
	if err != nil {
		panic(fmt.Sprintf("decimal %q: %v", text, err))
	}
	return d
}

// ParseDecimal reads an optional minus sign, digits, an optional fraction and an optional exponent ("-12.50", "1e3"). It
// refuses, with one of the errors above, what is not a number or does not fit; it never rounds.
func ParseDecimal(text string) (Decimal, error) {
	if len(text) > maxDecimalText || !isDecimal(text) {
		return Decimal{}, ErrDecimalSyntax
	}
	var d Decimal
	if _, _, err := d.d.SetString(text); err != nil {
		return Decimal{}, ErrDecimalRange // the syntax was checked: only the exponent can be out of bounds
	}
	return unrounded(d)
}

// DecimalOf gives coefficient * 10^exponent. It refuses what does not fit, as ParseDecimal does.
func DecimalOf(coefficient *big.Int, exponent int32) (Decimal, error) {
	if coefficient.BitLen() > maxDecimalBits {
		return Decimal{}, ErrDecimalRange
	}
	var d Decimal
	d.d.Coeff.SetMathBigInt(coefficient)
	d.d.Negative = d.d.Coeff.Sign() < 0
	d.d.Coeff.Abs(&d.d.Coeff)
	d.d.Exponent = exponent
	return unrounded(d)
}

// unrounded is canonical for what must fit as it is.
func unrounded(d Decimal) (Decimal, error) {
	if d.d.Exponent < 0 {
		d.d.Reduce(&d.d)
	}
	if d.d.Exponent < -Scale {
		return Decimal{}, ErrDecimalScale
	}
	return canonical(d)
}

// isDecimal checks the grammar, because apd's own is wider ("NaN", "Infinity", "+1", ".5").
func isDecimal(s string) bool {
	if s != "" && s[0] == '-' {
		s = s[1:]
	}
	s, ok := skipDigits(s)
	if !ok {
		return false
	}
	if s != "" && s[0] == '.' {
		if s, ok = skipDigits(s[1:]); !ok {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if s, ok = skipDigits(s); !ok {
			return false
		}
	}
	return s == ""
}

// skipDigits drops the digits that s starts with, and reports whether there was one.
func skipDigits(s string) (string, bool) {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return s[i:], i > 0
}

// canonical rounds to Scale, drops trailing zeros after the point and checks the range.
func canonical(x Decimal) (Decimal, error) {
	d := &x.d
	if d.Exponent < -Scale {
		if _, err := exact.Quantize(d, d, -Scale); err != nil {
			return Decimal{}, ErrDecimalRange
		}
	}
	if d.Exponent < 0 {
		d.Reduce(d)
	}
	if d.Coeff.Sign() == 0 {
		return Decimal{}, nil
	}
	if d.NumDigits()+int64(max(d.Exponent, 0)) > Precision {
		return Decimal{}, ErrDecimalRange
	}
	if d.Exponent > 0 {
		d.Coeff.Mul(&d.Coeff, pow10(d.Exponent))
		d.Exponent = 0
	}
	return x, nil
}

func pow10(n int32) *apd.BigInt {
	return new(apd.BigInt).Exp(apd.NewBigInt(10), apd.NewBigInt(int64(n)), nil)
}

// Add gives d + e, or ErrDecimalRange.
func (d Decimal) Add(e Decimal) (Decimal, error) {
	var r Decimal
	if _, err := exact.Add(&r.d, &d.d, &e.d); err != nil {
		return Decimal{}, ErrDecimalRange
	}
	return canonical(r)
}

// Sub gives d - e, or ErrDecimalRange.
func (d Decimal) Sub(e Decimal) (Decimal, error) { return d.Add(e.Neg()) }

// Mul gives d * e rounded to 18 digits after the point, half away from zero, or ErrDecimalRange.
func (d Decimal) Mul(e Decimal) (Decimal, error) {
	var r Decimal
	if _, err := exact.Mul(&r.d, &d.d, &e.d); err != nil {
		return Decimal{}, ErrDecimalRange
	}
	return canonical(r)
}

// Quo gives d / e rounded to 18 digits after the point, half away from zero, or ErrDivisionByZero or ErrDecimalRange.
func (d Decimal) Quo(e Decimal) (Decimal, error) {
	if e.Sign() == 0 {
		return Decimal{}, ErrDivisionByZero
	}
	// The quotient times 10^18 in whole numbers: both exponents are within [-18, 0], so the shift is never negative.
	var num, rest apd.BigInt
	num.Mul(&d.d.Coeff, pow10(Scale+d.d.Exponent-e.d.Exponent))
	var r Decimal
	r.d.Coeff.QuoRem(&num, &e.d.Coeff, &rest)
	if rest.Add(&rest, &rest).CmpAbs(&e.d.Coeff) >= 0 {
		r.d.Coeff.Add(&r.d.Coeff, apd.NewBigInt(1))
	}
	r.d.Exponent, r.d.Negative = -Scale, d.d.Negative != e.d.Negative
	return canonical(r)
}

// Neg gives -d.
func (d Decimal) Neg() Decimal {
	if d.Sign() != 0 {
		d.d.Negative = !d.d.Negative
	}
	return d
}

// Abs gives d without its sign.
func (d Decimal) Abs() Decimal {
	d.d.Negative = false
	return d
}

// Round rounds half away from zero to so many digits after the point; a negative number of places rounds to tens,
// hundreds and so on. It fails with ErrDecimalRange when rounding up needs a 39th digit.
func (d Decimal) Round(places int) (Decimal, error) { return d.quantize(places, apd.RoundHalfUp) }

// Floor gives the largest integer that is not above d, or ErrDecimalRange.
func (d Decimal) Floor() (Decimal, error) {
	// Not by quantizing: apd takes a number below 0.1 for 0 before it looks which way to round.
	if whole := d.Trunc(); d.Cmp(whole) >= 0 {
		return whole, nil
	}
	return d.Trunc().Sub(NewDecimal(1))
}

// Ceil gives the smallest integer that is not below d, or ErrDecimalRange.
func (d Decimal) Ceil() (Decimal, error) {
	floor, err := d.Neg().Floor()
	return floor.Neg(), err
}

// Trunc drops what stands after the point.
func (d Decimal) Trunc() Decimal {
	r, _ := d.quantize(0, apd.RoundDown) // towards zero never grows
	return r
}

func (d Decimal) quantize(places int, rounding apd.Rounder) (Decimal, error) {
	places = min(max(places, -Precision-1), Scale)
	if int(-d.d.Exponent) <= places {
		return d, nil
	}
	ctx := exact
	ctx.Rounding = rounding
	var r Decimal
	if _, err := ctx.Quantize(&r.d, &d.d, int32(-places)); err != nil {
		return Decimal{}, ErrDecimalRange
	}
	return canonical(r)
}

// Cmp is -1, 0 or 1 as d is below, equal to or above e.
func (d Decimal) Cmp(e Decimal) int { return d.d.Cmp(&e.d) }

// Sign is -1, 0 or 1 as d is below, equal to or above zero.
func (d Decimal) Sign() int { return d.d.Sign() }

// Int64 gives the number as an integer, and false when it has a fraction or does not fit.
func (d Decimal) Int64() (int64, bool) {
	if d.d.Exponent < 0 {
		return 0, false
	}
	n, err := d.d.Int64()
	return n, err == nil
}

// String is the canonical text: no exponent, no trailing zeros after the point.
func (d Decimal) String() string { return string(d.Append(nil)) }

// Append appends the canonical text to dst.
func (d Decimal) Append(dst []byte) []byte {
	if d.d.Exponent == 0 && d.d.Coeff.IsInt64() {
		n := d.d.Coeff.Int64()
		if d.d.Negative {
			n = -n
		}
		return strconv.AppendInt(dst, n, 10)
	}
	return d.d.Append(dst, 'f')
}

// MarshalText gives the canonical text.
func (d Decimal) MarshalText() ([]byte, error) { return d.Append(nil), nil }

// UnmarshalText reads what ParseDecimal reads.
func (d *Decimal) UnmarshalText(text []byte) error {
	x, err := ParseDecimal(string(text))
	if err != nil {
		return err
	}
	*d = x
	return nil
}
