package report

import "github.com/rivo/uniseg"

// columns is how many columns of a terminal text takes: a wide character takes
// two, a combining mark none.
func columns(text string) int { return uniseg.StringWidth(text) }

// Head returns the start of text that fits into so many columns of a terminal.
func Head(text string, width int) string {
	used, end := 0, 0
	graphemes := uniseg.NewGraphemes(text)
	for graphemes.Next() {
		if used += graphemes.Width(); used > width {
			break
		}
		_, end = graphemes.Positions()
	}
	return text[:end]
}

// tail returns the end of text that fits into so many columns.
func tail(text string, width int) string {
	excess := columns(text) - width
	graphemes := uniseg.NewGraphemes(text)
	for excess > 0 && graphemes.Next() {
		excess -= graphemes.Width()
		if _, end := graphemes.Positions(); excess <= 0 {
			return text[end:]
		}
	}
	return text
}
