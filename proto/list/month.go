package list

import "strings"

// month reads a month's name as ls abbreviates it, 0 for any other word. Where
// the server's locale is not English it is the locale's: those of the
// languages below, as glibc has them, are told apart by their spelling.
func month(s string) int {
	if len(s) == 3 {
		const english = "janfebmaraprmayjunjulaugsepoctnovdec"
		low := [3]byte{s[0] | 0x20, s[1] | 0x20, s[2] | 0x20}
		for i := 0; i < len(english); i += 3 {
			if string(low[:]) == english[i:i+3] {
				return i/3 + 1
			}
		}
	}
	if m := numberedMonth(s); m > 0 {
		return m
	}
	if len(s) < 3 || len(s) > 12 || isDigit(s[0]) {
		return 0
	}
	switch strings.TrimRight(strings.ToLower(s), ".,") {
	case "jan", "january", "januar", "janv", "jän", "ene", "gen", "tammi", "янв", "led":
		return 1
	case "feb", "february", "februar", "févr", "fév", "fev", "febr", "helmi", "фев", "úno":
		return 2
	case "mar", "march", "märz", "mär", "mrz", "mars", "mrt", "maalis", "мар", "bře", "març":
		return 3
	case "apr", "april", "avril", "avr", "abr", "huhti", "апр", "dub", "kwi":
		return 4
	case "may", "mai", "mag", "maj", "mei", "touko", "май", "мая", "kvě":
		return 5
	case "jun", "june", "juni", "juin", "giu", "kesä", "июн", "čen", "cze":
		return 6
	case "jul", "july", "juli", "juil", "lug", "heinä", "июл", "čec", "lip":
		return 7
	case "aug", "august", "août", "aoû", "ago", "elo", "авг", "srp", "sie":
		return 8
	case "sep", "september", "sept", "set", "syys", "сен", "zář", "wrz":
		return 9
	case "oct", "october", "oktober", "okt", "ott", "out", "loka", "окт", "říj", "paź":
		return 10
	case "nov", "november", "marras", "ноя":
		return 11
	case "dec", "december", "dezember", "dez", "déc", "dic", "des", "joulu", "дек", "pro", "gru":
		return 12
	}
	return 0
}

// numberedMonth reads 11月 and 11월, as Chinese, Japanese and Korean locales
// write November.
func numberedMonth(s string) int {
	for _, sign := range []string{"月", "월"} {
		if n, ok := strings.CutSuffix(s, sign); ok {
			if m, ok := small(n, 2, 1, 12); ok {
				return m
			}
		}
	}
	return 0
}
