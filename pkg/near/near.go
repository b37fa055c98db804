// Package near finds what a misspelt name most likely means.
package near

import "strings"

// maxLength is how long, in letters, a name may be to be compared.
const maxLength = 64

// Name returns the known name that is nearest to got, letter case aside, or "" when none is near: about a third of the letters
// may be wrong, but not all.
func Name(got string, known []string) string {
	letters := []rune(strings.ToLower(got))
	if len(letters) > maxLength {
		return ""
	}
	best, limit := "", min(len(letters)/3+2, len(letters))
	for _, name := range known {
		if d := distance(letters, []rune(strings.ToLower(name)), limit); d < limit {
			best, limit = name, d
		}
	}
	return best
}

// distance is the number of letters to insert, remove, replace or swap with the next one, or limit when their lengths alone
// differ by that much.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replace := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, replace)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
